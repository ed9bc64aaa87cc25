import { render } from "preact";
import { Shell } from "./shell.tsx";
import { startTheme } from "./theme.ts";
import { preload } from "./views.ts";

startTheme();
render(<Shell />, document.getElementById("app") as HTMLElement);
preload();
