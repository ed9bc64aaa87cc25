package report

import "io"

// HTML draws the diagram of [SVG] as a page of its own, in which the names of the hosts
// stay in sight, with the text of the failure above. It needs nothing else.
func HTML(w io.Writer, log *Log, notes map[int]string, text string) error {
	s := newDrawer(w, log, notes)
	s.printf("<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"/>\n<title>%s</title>\n<style>%s%s</style>\n</head>\n<body>\n",
		escape(s.headline()), pageStyle, pictureStyle)
	s.printf("<header>\n<h1>%s</h1>\n", escape(s.headline()))
	if e := log.Failure.Error; e != "" {
		s.printf("<p class=\"error\">%s</p>\n", escape(e))
	}
	s.printf("<p class=\"keys\">Arrows, Page Up and Page Down scroll; n and p go to the next and the previous decision that made the failure.</p>\n")
	s.printf("<details><summary>The same as text</summary><pre>%s</pre></details>\n</header>\n", escape(text))
	s.printf("<main tabindex=\"0\" aria-label=\"diagram\">\n")
	s.printf(`<svg class="heads" xmlns="http://www.w3.org/2000/svg" width="%d" height="%d">`+"\n", s.width(), headHeight)
	s.printf(`<rect class="page" width="%d" height="%d"/>`+"\n", s.width(), headHeight)
	s.heads()
	s.printf("</svg>\n<div class=\"body\">\n")
	s.open(s.width(), s.height(), s.headline())
	s.body()
	s.printf("</svg>\n</div>\n</main>\n<script>%s</script>\n</body>\n</html>\n", pageScript)
	return s.out.Flush()
}

// pageScript moves by keys. It has no character that XML would have to escape.
const pageScript = `
const main = document.querySelector("main");
const stops = Array.from(document.querySelectorAll(".row:has(.note), #failure"));
let at = -1;
main.focus();
document.addEventListener("keydown", function (e) {
	if (e.key !== "n") { if (e.key !== "p") return; }
	if (stops.length === 0) return;
	at = (at + (e.key === "n" ? 1 : stops.length - 1) + (at === -1 ? (e.key === "n" ? 0 : 1) : 0)) % stops.length;
	stops[at].scrollIntoView({ block: "center" });
});
`
