package aionet_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/goasyncio/asyncio"
	"github.com/goasyncio/asyncio/aionet"
)

// testCertificate is for "test.example", and its own authority.
var testCertificate = sync.OnceValue(func() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test.example"},
		DNSNames:              []string{"test.example"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
})

func serverConfig() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{testCertificate()}, NextProtos: []string{"h2", "test/1"}}
}

func clientConfig() *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(testCertificate().Leaf)
	return &tls.Config{RootCAs: roots, ServerName: "test.example", NextProtos: []string{"test/1"}}
}

// tlsOver does the handshake between the two ends of a stream.
func tlsOver(ctx context.Context, a, b aionet.Stream, client, server *tls.Config, opts ...aionet.TLSOption) (c, s *aionet.TLSConn, err error) {
	task := asyncio.CreateTask(ctx, func(ctx context.Context) (*aionet.TLSConn, error) {
		return aionet.TLSServer(ctx, b, server, opts...)
	})
	c, err = aionet.TLSClient(ctx, a, client, opts...)
	s, err2 := task.Join(ctx)
	return c, s, errors.Join(err, err2)
}

// tlsPipe is a TLS connection within the process.
func tlsPipe(ctx context.Context, t *testing.T, buffer int, opts ...aionet.TLSOption) (c, s *aionet.TLSConn) {
	t.Helper()
	a, b := aionet.Pipe(ctx, buffer)
	c, s, err := tlsOver(ctx, a, b, clientConfig(), serverConfig(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}
