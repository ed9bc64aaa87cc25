package timeline

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio/internal/recording"
)

// element is a part of a drawn picture.
type element struct {
	name, text string
	attrs      map[string]string
}

func (e element) number(t *testing.T, attr string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(e.attrs[attr], 64)
	if err != nil {
		t.Fatalf("%s of %v: %v", attr, e, err)
	}
	return n
}

// parse draws p, checks that it is well-formed and returns its elements.
func parse(t *testing.T, p Picture) (elements []element) {
	t.Helper()
	var b strings.Builder
	if err := SVG(&b, p); err != nil {
		t.Fatal(err)
	}
	decoder := xml.NewDecoder(strings.NewReader(b.String()))
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return elements
		}
		if err != nil {
			t.Fatalf("the picture is no XML: %v\n%s", err, b.String())
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, attrs: map[string]string{}}
			for _, a := range token.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			elements = append(elements, e)
		case xml.CharData:
			if n := len(elements); n > 0 {
				elements[n-1].text += strings.TrimSpace(string(token))
			}
		}
	}
}

// ofClass are the bars that lie on lanes: those of the legend begin at 0.
func ofClass(elements []element, class string) (found []element) {
	for _, e := range elements {
		if e.name == "rect" && e.attrs["class"] == class && e.attrs["x"] != "0.0" {
			found = append(found, e)
		}
	}
	return found
}

func TestTheBarsOfTheLesson(t *testing.T) {
	elements := parse(t, both())
	blocked, held := ofClass(elements, "blocks"), ofClass(elements, "held")
	if len(blocked) != 2 || len(held) != 1 {
		t.Fatalf("%d bars block and %d are held, want 2 and 1", len(blocked), len(held))
	}
	a, b := blocked[0].number(t, "width"), blocked[1].number(t, "width")
	t.Run("lengths are to scale", func(t *testing.T) {
		if ratio := b / a; ratio < 1.49 || ratio > 1.51 {
			t.Errorf("3 s is %.2f times as long as 2 s", ratio)
		}
	})
	t.Run("B is held as long as A blocks", func(t *testing.T) {
		if held[0].attrs["width"] != blocked[0].attrs["width"] || held[0].attrs["x"] != blocked[0].attrs["x"] {
			t.Errorf("A blocks %v, B is held %v", blocked[0].attrs, held[0].attrs)
		}
	})
	t.Run("B is under A", func(t *testing.T) {
		if blocked[1].number(t, "y") <= blocked[0].number(t, "y") {
			t.Error("it is not")
		}
	})
	t.Run("every step of the waiting run is there", func(t *testing.T) {
		if n := len(ofClass(elements, "runs")); n != 7 {
			t.Errorf("%d runs, want 3 of A and 4 of B", n)
		}
		if n := len(ofClass(elements, "waits")); n != 5 {
			t.Errorf("%d waits, want 2 of A and 3 of B", n)
		}
	})
}

func TestARunAtTheEndStaysOnTheAxis(t *testing.T) {
	drawn := ofClass(parse(t, Of("", waiting())), "runs")
	last := drawn[len(drawn)-1]
	if end := last.number(t, "x") + last.number(t, "width"); end > svgWidth-margin {
		t.Errorf("the last run ends at %.1f, the axis at %d", end, svgWidth-margin)
	}
}

func TestNothingLeavesThePage(t *testing.T) {
	elements := parse(t, both())
	page := elements[0]
	for _, e := range elements {
		if e.name != "rect" || e.attrs["x"] == "" {
			continue
		}
		right, bottom := e.number(t, "x")+e.number(t, "width"), e.number(t, "y")+e.number(t, "height")
		if right > page.number(t, "width") || bottom > page.number(t, "height") {
			t.Errorf("%v ends at %.0f, %.0f", e.attrs, right, bottom)
		}
	}
}

func TestThePictureCanBeReadAloudAndInTheDark(t *testing.T) {
	elements := parse(t, both())
	root, title, desc, style := elements[0], elements[1], elements[2], elements[3]
	if root.attrs["role"] != "img" || root.attrs["aria-labelledby"] != "title desc" {
		t.Errorf("the root says %v", root.attrs)
	}
	if title.name != "title" || title.text != "Two factorials" {
		t.Errorf("the title is %v", title)
	}
	if desc.name != "desc" || !strings.Contains(desc.text, "Task A blocks the loop for 2.000 s") {
		t.Errorf("the description is %v", desc)
	}
	if !strings.Contains(style.text, "prefers-color-scheme: dark") {
		t.Error("there is no dark style")
	}
}

func TestEveryClassHasAStyleForBothSchemes(t *testing.T) {
	light, dark, _ := strings.Cut(stylesheet, "@media")
	for k, name := range class {
		if kind(k) == none {
			continue
		}
		if !strings.Contains(light, "."+name+" {") || !strings.Contains(dark, "."+name+" {") {
			t.Errorf("class %s has no style in both", name)
		}
	}
}

func TestANameIsText(t *testing.T) {
	r := recording.Recording{Length: s, Lanes: []recording.Lane{
		lane("<b>&\"\x00\xff", wait(0, s, "</text><script>")),
	}}
	for _, e := range parse(t, Of("<i>", r)) {
		if e.name == "b" || e.name == "script" || e.name == "i" {
			t.Errorf("a name became an element: %v", e)
		}
	}
}

func TestALongRecordingMakesASmallPicture(t *testing.T) {
	busy := lane("busy")
	const step = 10 * time.Microsecond
	for at := time.Duration(0); at < s; at += 2 * step {
		busy.Spans = append(busy.Spans, run(at, at+step), wait(at+step, at+2*step, "queue"))
	}
	elements := parse(t, Of("", recording.Recording{Length: s, Lanes: []recording.Lane{busy}}))
	if n := len(elements); n > 4*svgWidth {
		t.Errorf("100,000 spans became %d elements", n)
	}
	drawn := ofClass(elements, "runs")
	first, last := drawn[0].number(t, "x"), drawn[len(drawn)-1].number(t, "x")
	if last-first < svgWidth/2 {
		t.Errorf("the runs are drawn from %.0f to %.0f only", first, last)
	}
}
