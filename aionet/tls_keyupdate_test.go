package aionet_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
	"github.com/goasyncio/asyncio/asynciotest"
)

// A recordPeer speaks TLS 1.3 by hand after a handshake that crypto/tls has done, from
// the secrets in its key log: crypto/tls itself never asks for a key update.
type recordPeer struct {
	stream aionet.Stream
	read   traffic
	write  traffic
}

// traffic protects the records of one direction (RFC 8446, sections 5.2, 5.3 and 7.3).
type traffic struct {
	secret []byte
	aead   cipher.AEAD
	iv     []byte
	seq    uint64
}

func newTraffic(secret []byte) traffic {
	block, err := aes.NewCipher(expand(secret, "key", 16))
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return traffic{secret: secret, aead: aead, iv: expand(secret, "iv", 12)}
}

// next is what a key update leads to.
func (k traffic) next() traffic { return newTraffic(expand(k.secret, "traffic upd", 32)) }

// expand is HKDF-Expand-Label (RFC 8446, section 7.1).
func expand(secret []byte, label string, n int) []byte {
	info := binary.BigEndian.AppendUint16(nil, uint16(n))
	info = append(info, byte(len("tls13 "+label)))
	info = append(info, "tls13 "+label...)
	key, err := hkdf.Expand(sha256.New, secret, string(append(info, 0)), n)
	if err != nil {
		panic(err)
	}
	return key
}

func (k *traffic) nonce() []byte {
	nonce := bytes.Clone(k.iv)
	for i, b := range binary.BigEndian.AppendUint64(nil, k.seq) {
		nonce[4+i] ^= b
	}
	k.seq++
	return nonce
}

const (
	handshakeRecord   = 22
	applicationRecord = 23
)

// seal is a record with content of a kind.
func (k *traffic) seal(kind byte, content []byte) []byte {
	header := binary.BigEndian.AppendUint16([]byte{applicationRecord, 3, 3}, uint16(len(content)+1+k.aead.Overhead()))
	return append(header, k.aead.Seal(nil, k.nonce(), append(content, kind), header)...)
}

// receive reads a record.
func (p *recordPeer) receive(ctx context.Context) (kind byte, content []byte, err error) {
	raw := aionet.Bind(ctx, p.stream)
	header := make([]byte, 5)
	if _, err := io.ReadFull(raw, header); err != nil {
		return 0, nil, err
	}
	body := make([]byte, binary.BigEndian.Uint16(header[3:]))
	if _, err := io.ReadFull(raw, body); err != nil {
		return 0, nil, err
	}
	content, err = p.read.aead.Open(nil, p.read.nonce(), body, header)
	if err != nil {
		return 0, nil, fmt.Errorf("a record that the keys do not fit: %w", err)
	}
	content = bytes.TrimRight(content, "\x00")
	return content[len(content)-1], content[:len(content)-1], nil
}

// keyUpdate is the message (RFC 8446, section 4.6.3).
func keyUpdate(requested byte) []byte { return []byte{24, 0, 0, 1, requested} }

// newRecordPeer is a client that speaks by hand, and the connection under test.
func newRecordPeer(ctx context.Context, t *testing.T, buffer int) (*recordPeer, *aionet.TLSConn) {
	t.Helper()
	var log strings.Builder
	client, server := clientConfig(), serverConfig()
	client.KeyLogWriter = &log
	server.SessionTicketsDisabled = true // so that its first record is the first of its data
	a, b := aionet.Pipe(ctx, buffer)
	c, s, err := tlsOver(ctx, a, b, client, server)
	if err != nil {
		t.Fatal(err)
	}
	if suite := c.ConnectionState().CipherSuite; suite != tls.TLS_AES_128_GCM_SHA256 {
		t.Skipf("this peer speaks AES-128-GCM, and the handshake chose %v", tls.CipherSuiteName(suite))
	}
	secret := func(label string) []byte {
		for line := range strings.Lines(log.String()) {
			if f := strings.Fields(line); f[0] == label {
				key, _ := hex.DecodeString(f[2])
				return key
			}
		}
		t.Fatalf("no %s in the key log", label)
		return nil
	}
	return &recordPeer{a, newTraffic(secret("SERVER_TRAFFIC_SECRET_0")), newTraffic(secret("CLIENT_TRAFFIC_SECRET_0"))}, s
}

// requestUpdate asks for a key update and takes the new keys for what it sends.
func (p *recordPeer) requestUpdate(ctx context.Context) error {
	_, err := p.stream.WriteContext(ctx, p.write.seal(handshakeRecord, keyUpdate(1)))
	p.write = p.write.next()
	return err
}

func (p *recordPeer) send(ctx context.Context, text string) error {
	_, err := p.stream.WriteContext(ctx, p.write.seal(applicationRecord, []byte(text)))
	return err
}

// receiveAll reads n bytes of data, follows key updates, and returns how many came.
func (p *recordPeer) receiveAll(ctx context.Context, n int) (got []byte, updates int, err error) {
	for len(got) < n {
		kind, content, err := p.receive(ctx)
		switch {
		case err != nil:
			return got, updates, err
		case kind == handshakeRecord && bytes.Equal(content, keyUpdate(0)):
			updates++
			p.read = p.read.next()
		case kind == applicationRecord:
			got = append(got, content...)
		default:
			return got, updates, fmt.Errorf("a record of kind %d", kind)
		}
	}
	return got, updates, nil
}

func TestAPeerThatAsksForAKeyUpdate(t *testing.T) {
	virtually(t, "gets it at once where nobody writes", func(ctx context.Context, t *testing.T) {
		p, s := newRecordPeer(ctx, t, aionet.DefaultBuffer)
		p.requestUpdate(ctx)
		p.send(ctx, "with new keys")
		wantRead(ctx, t, s, "with new keys")
		write(ctx, t, s, "answer")
		got, updates, err := p.receiveAll(ctx, 6)
		if string(got) != "answer" || updates != 1 || err != nil {
			t.Errorf("got %q after %d updates, error %v", got, updates, err)
		}
	})
	virtually(t, "gets it while a writer is parked, whose reader goes on", func(ctx context.Context, t *testing.T) {
		p, s := newRecordPeer(ctx, t, 1000)
		data := pattern(300<<10, 3)
		w := asyncio.Go(ctx, func(ctx context.Context) error { _, err := s.WriteContext(ctx, data); return err })
		asynciotest.WaitIdle(ctx)
		for range 3 { // the writer is parked all the while
			p.requestUpdate(ctx)
			p.send(ctx, "x")
			wantRead(ctx, t, s, "x")
		}
		if w.Done() {
			t.Error("the writer is not parked")
		}
		got, updates, err := p.receiveAll(ctx, len(data))
		if !bytes.Equal(got, data) || err != nil {
			t.Errorf("%d bytes came, error %v", len(got), err)
		}
		if updates != 3 {
			t.Errorf("%d updates came between the data, want 3", updates)
		}
		if _, err := w.Await(ctx); err != nil {
			t.Error(err)
		}
	})
	virtually(t, "again and again, without reading the answers, is held up", func(ctx context.Context, t *testing.T) {
		p, s := newRecordPeer(ctx, t, 100)
		reader := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := io.Copy(io.Discard, s)
			return err
		})
		asks := 0
		flood := asyncio.Go(ctx, func(ctx context.Context) error {
			for ; asks < 20_000; asks++ {
				if err := p.requestUpdate(ctx); err != nil {
					return nil
				}
				if err := p.send(ctx, "x"); err != nil { // or it is refused as useless
					return nil
				}
			}
			return nil
		})
		asyncio.Sleep(ctx, time.Minute)
		const most = 128 << 10 / 27 // of answers, of 27 bytes each, in its memory
		if asks < most/2 || asks > most*3/2 {
			t.Errorf("%d key updates were answered into memory, want about %d", asks, most)
		}
		p.stream.Abort()
		for _, task := range []*asyncio.Task[struct{}]{flood, reader} {
			task.Await(ctx)
		}
	})
}
