// @ts-check
/** The page for testing before the day: the join page's checks, and nothing to join. */

import { Media } from "../../signaling/media.js";
import { DeviceCheck } from "../ui/device_check.js";
import { find } from "../ui/dom.js";

const media = new Media();
new DeviceCheck(find("[data-check]"), media).start();
addEventListener("pagehide", () => media.stop());
