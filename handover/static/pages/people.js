// @ts-check
/** The people of a talk: another line without a new page. */

import { find } from "../ui/dom.js";
import { addLines } from "../ui/people_lines.js";

addLines(find("#people"));
