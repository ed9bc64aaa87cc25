package main

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"

	"github.com/goasyncio/asyncio/aionet"
)

// A Request asks to count a word, and a Reply tells how often it was counted.
type (
	Request struct {
		Word string
		N    int
	}
	Reply struct{ Count int }
)

// maxMessage bounds what a client can make the server keep (rule N2): the decoders
// themselves would go on reading a message that does not end.
const maxMessage = 64 << 10

// Those of encoding/gob and of encoding/json have the same methods.
type (
	decoder interface{ Decode(v any) error }
	encoder interface{ Encode(v any) error }
)

// serveWith answers requests until the client goes, or sends what is none.
func serveWith(in *io.LimitedReader, d decoder, e encoder, s *store) error {
	for {
		in.N = maxMessage // for the next one
		var r Request
		if err := d.Decode(&r); err != nil {
			return err
		}
		if err := e.Encode(Reply{s.add(r.Word, r.N)}); err != nil {
			return err
		}
	}
}

func serveGob(ctx context.Context, c aionet.Stream, s *store) error {
	conn := aionet.Bind(ctx, c)
	in := &io.LimitedReader{R: conn}
	return serveWith(in, gob.NewDecoder(in), gob.NewEncoder(conn), s)
}

func serveJSON(ctx context.Context, c aionet.Stream, s *store) error {
	conn := aionet.Bind(ctx, c)
	in := &io.LimitedReader{R: conn}
	return serveWith(in, json.NewDecoder(in), json.NewEncoder(conn), s)
}

// serveText takes lines such as "COUNT apple 3" and answers as SMTP and its kin do.
func serveText(ctx context.Context, c aionet.Stream, s *store) error {
	in := &io.LimitedReader{R: aionet.Bind(ctx, c)}
	text := textproto.NewConn(struct {
		io.Reader
		io.WriteCloser
	}{in, aionet.Bind(ctx, c)})
	for {
		in.N = maxMessage
		line, err := text.ReadLine()
		if err != nil {
			return err
		}
		var r Request
		answer := "500 say COUNT word number"
		if _, err := fmt.Sscanf(line, "COUNT %s %d", &r.Word, &r.N); err == nil {
			answer = fmt.Sprint("200 ", s.add(r.Word, r.N))
		}
		if err := text.PrintfLine("%s", answer); err != nil {
			return err
		}
	}
}

// ask is the client of a codec.
func ask(e encoder, d decoder) client {
	return func(word string, n int) (int, error) {
		if err := e.Encode(Request{word, n}); err != nil {
			return 0, err
		}
		var r Reply
		err := d.Decode(&r)
		return r.Count, err
	}
}

func newGobClient(c aionet.Stream) client { return ask(gob.NewEncoder(c), gob.NewDecoder(c)) }

func newJSONClient(c aionet.Stream) client { return ask(json.NewEncoder(c), json.NewDecoder(c)) }

func newTextClient(c aionet.Stream) client {
	text := textproto.NewConn(c)
	return func(word string, n int) (count int, err error) {
		if err := text.PrintfLine("COUNT %s %d", word, n); err != nil {
			return 0, err
		}
		_, message, err := text.ReadCodeLine(200)
		if err == nil {
			_, err = fmt.Sscan(message, &count)
		}
		return count, err
	}
}
