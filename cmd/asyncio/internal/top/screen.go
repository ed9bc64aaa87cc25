package top

import (
	"context"
	"fmt"
	"strings"

	"github.com/gdamore/tcell/v3"
	"github.com/gdamore/tcell/v3/color"
)

// styles is how styles look. Under NO_COLOR the terminal library leaves the colours
// away, and what is said in bold and reverse stays.
var styles = map[style]tcell.Style{
	normal:   tcell.StyleDefault,
	strong:   tcell.StyleDefault.Bold(true),
	faint:    tcell.StyleDefault.Dim(true),
	alarm:    tcell.StyleDefault.Foreground(color.White).Background(color.Maroon).Bold(true),
	title:    tcell.StyleDefault.Bold(true).Underline(true),
	selected: tcell.StyleDefault.Reverse(true),
	runs:     tcell.StyleDefault.Foreground(color.Green),
	ready:    tcell.StyleDefault.Foreground(color.Olive),
}

// keyNames are the keys that are no characters, as [model.press] knows them.
var keyNames = map[tcell.Key]string{
	tcell.KeyEnter: "Enter", tcell.KeyEscape: "Esc", tcell.KeyTab: "Tab",
	tcell.KeyBackspace: "Backspace",
	tcell.KeyUp:        "Up", tcell.KeyDown: "Down", tcell.KeyLeft: "Left", tcell.KeyRight: "Right",
	tcell.KeyPgUp: "PgUp", tcell.KeyPgDn: "PgDn", tcell.KeyHome: "Home", tcell.KeyEnd: "End",
	tcell.KeyF1: "F1",
}

// keyName is a key as [model.press] knows it, "" for one that means nothing, such as a
// key that is let go, which some terminals tell too.
func keyName(ev *tcell.EventKey) string {
	const other = tcell.ModAlt | tcell.ModMeta
	key := ev.Key()
	name, named := keyNames[key]
	switch {
	case !ev.Pressed(), ev.Modifiers()&other != 0:
		return ""
	case named:
		return name
	case key >= tcell.KeyCtrlA && key <= tcell.KeyCtrlZ:
		return "Ctrl-" + string('A'+rune(key-tcell.KeyCtrlA))
	case key != tcell.KeyRune:
		return ""
	case ev.Modifiers()&tcell.ModCtrl != 0:
		return "Ctrl-" + strings.ToUpper(ev.Str())
	}
	return ev.Str()
}

// instead is what stands for characters that the terminal's character set does not have,
// such as that of LANG=C. tcell knows more of them.
var instead = map[rune]string{'▲': "^", '▼': "v", '…': "~", 'µ': "u"}

// show puts the lines on the screen.
func show(s tcell.Screen, lines []line) {
	s.Clear()
	width, _ := s.Size()
	for y, l := range lines {
		if l.style != normal && l.style != strong && l.style != faint && l.text != "" {
			s.FillArea(0, y, width, 1, ' ', styles[l.style])
		}
		s.PutStrStyled(0, y, l.text, styles[l.style])
	}
	s.Show()
}

// take makes the terminal a screen.
func take(s tcell.Screen) error {
	if err := s.Init(); err != nil {
		return fmt.Errorf("this terminal cannot be used: %w", err)
	}
	for r, text := range instead {
		s.RegisterRuneFallback(r, text)
	}
	return nil
}

// watch shows m on the screen until somebody quits, or ctx ends. The screen is given back
// as it was, whatever happens.
func watch(ctx context.Context, s tcell.Screen, m *model, f *fetcher) error {
	if err := take(s); err != nil {
		return err
	}
	defer s.Fini() // also when something below panics
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	panicked := make(chan any, 1)
	go func() {
		defer func() { // not here: the screen must be given back first
			if r := recover(); r != nil {
				panicked <- r
			}
		}()
		f.run(ctx)
	}()
	m.resize(s.Size())
	f.ask(m.want)
	for asked := m.want; !m.quit; {
		show(s, m.draw())
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case r := <-panicked:
			panic(r)
		case pic := <-f.pictures:
			m.apply(pic)
		case ev, open := <-s.EventQ():
			if !open {
				return nil
			}
			if err := handle(s, m, ev); err != nil {
				return err
			}
		}
		if m.want != asked && m.gone == "" {
			asked = m.want
			f.ask(asked)
		}
	}
	return nil
}

// handle is an event of the terminal.
func handle(s tcell.Screen, m *model, ev tcell.Event) error {
	switch ev := ev.(type) {
	case *tcell.EventResize:
		s.Sync()
		m.resize(s.Size()) // not the event's: asked in band, tmux up to 3.3 tells height and width the wrong way round
	case *tcell.EventError:
		return fmt.Errorf("the terminal is gone: %w", ev)
	case *tcell.EventKey:
		switch name := keyName(ev); name {
		case "Ctrl-Z":
			return suspend(s)
		case "Ctrl-L":
			s.Sync()
		default:
			m.press(name)
		}
	}
	return nil
}
