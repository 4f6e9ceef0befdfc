/** What the classic scripts of static/vendor leave on the window. */

import type * as Bootstrap from "bootstrap";
import type { Chart as ChartJs } from "chart.js";
import type Zoom from "chartjs-plugin-zoom";
import type * as Luxon from "luxon";

export type Plugins = typeof Zoom; // brings chart.zoom() and chart.pan() to the types

declare global {
  interface Window {
    bootstrap: typeof Bootstrap;
    Chart: typeof ChartJs;
    luxon: typeof Luxon;
  }
}
