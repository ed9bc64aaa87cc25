package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/goasyncio/asyncio/aionet"
)

const (
	maxLine = 998     // bytes of a line, without its end (RFC 5321, 4.5.3.1.6)
	maxText = 1 << 20 // bytes of a letter
	maxTo   = 100     // recipients of a letter
)

// A letter is what somebody has sent.
type letter struct {
	from      string
	to        []string
	text      string
	encrypted bool
}

// An office takes letters. Every session appends to one slice.
type office struct {
	config    *tls.Config
	delivered []letter
}

// A session is the conversation with one client.
type session struct {
	office    *office
	stream    aionet.Stream
	lines     *aionet.Reader
	greeted   bool
	encrypted bool
	letter    *letter // begun by MAIL
}

var errQuit = errors.New("the client has said goodbye")

// serve holds the conversation, in the task of the connection.
func (o *office) serve(ctx context.Context, c aionet.Stream) error {
	s := &session{office: o, stream: c, lines: aionet.NewReader(c, maxLine+1)}
	if err := s.say(ctx, 220, "mail.example.com"); err != nil {
		return err
	}
	for {
		line, err := s.lines.ReadLine(ctx)
		if err == nil {
			err = s.obey(ctx, strings.TrimRight(string(line), "\r\n"))
		}
		switch tooLong := (*aionet.LimitError)(nil); {
		case errors.Is(err, errQuit):
			return s.stream.Close() // which of a TLS connection says so to the client
		case errors.As(err, &tooLong):
			return s.say(ctx, 500, "line too long")
		case err != nil:
			return err
		}
	}
}

// say sends a reply; all lines but the last have a hyphen.
func (s *session) say(ctx context.Context, code int, lines ...string) error {
	var b bytes.Buffer
	for i, line := range lines {
		sep := " "
		if i < len(lines)-1 {
			sep = "-"
		}
		fmt.Fprintf(&b, "%d%s%s\r\n", code, sep, line)
	}
	_, err := s.stream.WriteContext(ctx, b.Bytes())
	return err
}

// obey does what a line says.
func (s *session) obey(ctx context.Context, line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO":
		s.greeted, s.letter = true, nil
		if s.encrypted {
			return s.say(ctx, 250, "mail.example.com", "8BITMIME")
		}
		return s.say(ctx, 250, "mail.example.com", "8BITMIME", "STARTTLS")
	case "STARTTLS":
		return s.encrypt(ctx)
	case "MAIL":
		return s.mail(ctx, rest)
	case "RCPT":
		return s.recipient(ctx, rest)
	case "DATA":
		return s.data(ctx)
	case "RSET":
		s.letter = nil
		return s.say(ctx, 250, "forgotten")
	case "NOOP":
		return s.say(ctx, 250, "here")
	case "QUIT":
		if err := s.say(ctx, 221, "goodbye"); err != nil {
			return err
		}
		return errQuit
	}
	return s.say(ctx, 500, "what?")
}

// encrypt goes on with TLS. What has come in plain text must not count: the library
// refuses where a client, or somebody between, has sent more than the command.
func (s *session) encrypt(ctx context.Context) error {
	if s.encrypted {
		return s.say(ctx, 503, "it is encrypted")
	}
	if err := s.say(ctx, 220, "go ahead"); err != nil {
		return err
	}
	secure, err := aionet.StartTLSServer(ctx, s.lines, s.office.config)
	if err != nil {
		return err
	}
	*s = session{office: s.office, stream: secure, lines: aionet.NewReader(secure, maxLine+1), encrypted: true}
	return nil
}

func (s *session) mail(ctx context.Context, rest string) error {
	from, ok := path(rest, "FROM:")
	switch {
	case !s.encrypted:
		return s.say(ctx, 530, "use STARTTLS first")
	case !s.greeted || s.letter != nil:
		return s.say(ctx, 503, "not now")
	case !ok:
		return s.say(ctx, 501, "MAIL FROM:<address>")
	}
	s.letter = &letter{from: from, encrypted: s.encrypted}
	return s.say(ctx, 250, "from "+from)
}

func (s *session) recipient(ctx context.Context, rest string) error {
	to, ok := path(rest, "TO:")
	switch {
	case s.letter == nil:
		return s.say(ctx, 503, "MAIL comes first")
	case !ok:
		return s.say(ctx, 501, "RCPT TO:<address>")
	case len(s.letter.to) == maxTo:
		return s.say(ctx, 452, "too many")
	}
	s.letter.to = append(s.letter.to, to)
	return s.say(ctx, 250, "to "+to)
}

// path is the address in <…> after a word.
func path(text, word string) (string, bool) {
	if len(text) < len(word) || !strings.EqualFold(text[:len(word)], word) {
		return "", false
	}
	address, ok := strings.CutPrefix(strings.TrimSpace(text[len(word):]), "<")
	address, _, closed := strings.Cut(address, ">")
	return address, ok && closed
}

// data takes the text, which ends with a dot on a line of its own.
func (s *session) data(ctx context.Context) error {
	if s.letter == nil || len(s.letter.to) == 0 {
		return s.say(ctx, 503, "MAIL and RCPT come first")
	}
	if err := s.say(ctx, 354, "end with a dot"); err != nil {
		return err
	}
	var text strings.Builder
	fits := true
	for {
		line, err := s.lines.ReadLine(ctx)
		if err != nil {
			return err
		}
		if string(line) == ".\r\n" {
			break
		}
		line = bytes.TrimPrefix(line, []byte("."))                // RFC 5321, 4.5.2
		if fits = fits && text.Len()+len(line) <= maxText; fits { // else on to the dot
			text.Write(line)
		}
	}
	done := s.letter
	s.letter = nil
	if !fits {
		return s.say(ctx, 552, "the letter is too long")
	}
	done.text = text.String()
	s.office.delivered = append(s.office.delivered, *done)
	return s.say(ctx, 250, "delivered")
}
