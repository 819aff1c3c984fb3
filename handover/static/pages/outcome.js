// @ts-check
/** The page of one talk's outcome. */

import { find } from "../ui/dom.js";
import { startOutcome } from "../ui/outcome_panel.js";

startOutcome(find("[data-outcome]"));
