package outbound

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/secret"
)

// What is sent is signed as Standard Webhooks 1.0 says
// (https://github.com/standard-webhooks/standard-webhooks, checked 2026-11-30), so that
// receivers can use the libraries there are.

const (
	secretPrefix = "whsec_"
	secretBytes  = 32
)

// NewSecret makes a secret of chance: whsec_ and base64 of 32 bytes.
func NewSecret() secret.Secret {
	b := make([]byte, secretBytes)
	rand.Read(b) // never fails
	return secret.New(secretPrefix + base64.StdEncoding.EncodeToString(b))
}

// Headers of a request that tells of something: the id under which it is told again and
// again until it is taken, when this try was made, and the signatures with each secret.
func Headers(id string, at time.Time, body []byte, secrets ...secret.Secret) (http.Header, error) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	var signatures []string
	for _, s := range secrets {
		key, ok := strings.CutPrefix(s.Reveal(), secretPrefix)
		b, err := base64.StdEncoding.DecodeString(key)
		if !ok || err != nil {
			return nil, errors.New("sign: this is no secret of ours")
		}
		mac := hmac.New(sha256.New, b)
		mac.Write([]byte(id + "." + stamp + "."))
		mac.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Vienti"}, "Webhook-Id": {id}, "Webhook-Timestamp": {stamp},
		"Webhook-Signature": {strings.Join(signatures, " ")}}, nil
}
