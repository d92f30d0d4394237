package testdovecot

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// writeCertificates makes a certificate authority for this server alone, and the server's certificate.
func writeCertificates(l layout, a account, s settings) error {
	now := time.Now()
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make authority key: %w", err)
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"},
		NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		return fmt.Errorf("sign authority: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make server key: %w", err)
	}
	certDER, err := x509.CreateCertificate(rand.Reader, serverCertificate(s, now), ca, &key.PublicKey, caKey)
	if err != nil {
		return fmt.Errorf("sign server certificate: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encode server key: %w", err)
	}
	for path, block := range map[string]*pem.Block{
		l.ca():   {Type: "CERTIFICATE", Bytes: caDER},
		l.cert(): {Type: "CERTIFICATE", Bytes: certDER},
		l.key():  {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := a.writeFile(path, pem.EncodeToMemory(block)); err != nil {
			return fmt.Errorf("write certificate: %w", err)
		}
	}
	return nil
}

// serverCertificate is what is to be signed.
func serverCertificate(s settings, now time.Time) *x509.Certificate {
	c := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Test mail server"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if !s.certEnd.IsZero() {
		c.NotAfter = s.certEnd
	}
	if s.certName != "" {
		c.DNSNames, c.IPAddresses = []string{s.certName}, nil
	}
	return c
}
