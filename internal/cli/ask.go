package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/vienti/vienti/internal/secret"
)

// errNobody says that something is missing and nobody can be asked.
var errNobody = errors.New("nobody can be asked here")

// ask asks the person at the terminal; an empty answer is the suggestion.
func (a *app) ask(question, suggestion string) (string, error) {
	if !a.env.CanAsk {
		return "", errNobody
	}
	if suggestion != "" {
		question += " [" + suggestion + "]"
	}
	fmt.Fprintf(a.env.Stderr, "%s: ", question)
	line, err := a.in.ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		return "", err
	}
	if line = strings.TrimSpace(line); line == "" {
		return suggestion, nil
	}
	return line, nil
}

// askSecret asks without showing the answer.
func (a *app) askSecret(question string) (secret.Secret, error) {
	if !a.env.CanAsk {
		return secret.Secret{}, errNobody
	}
	fmt.Fprintf(a.env.Stderr, "%s: ", question)
	var line string
	var err error
	if a.env.ReadSecret != nil {
		line, err = a.env.ReadSecret()
		fmt.Fprintln(a.env.Stderr)
	} else {
		line, err = a.in.ReadString('\n')
	}
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		return secret.Secret{}, err
	}
	return secret.New(strings.TrimSpace(line)), nil
}

// maxSecretFile bounds a file that holds one secret.
const maxSecretFile = 4 << 10

// A secretFlag is a secret that may come from a flag, a file, the environment
// or a person.
type secretFlag struct {
	value, file string // of the flags
	env         string
	flag        string // name of the flag, without dashes
	question    string
}

// get finds the secret; a missing one is an error that says how to give it.
func (f secretFlag) get(a *app) (secret.Secret, error) {
	switch {
	case f.value != "" && f.file != "":
		return secret.Secret{}, usage("--%s and --%s-file: give one of them", f.flag, f.flag)
	case f.value != "":
		fmt.Fprintf(a.env.Stderr, "Warning: --%s stands in the shell's history and in the list of processes; better is --%s-file or %s.\n", f.flag, f.flag, f.env)
		return secret.New(f.value), nil
	case f.file == "-":
		line, err := a.in.ReadString('\n')
		if err != nil && line == "" {
			return secret.Secret{}, usage("--%s-file -: the standard input has no line left; one line for each secret, the client secret first", f.flag)
		}
		return secret.New(strings.TrimSpace(line)), nil
	case f.file != "":
		b, err := os.ReadFile(f.file)
		if err == nil && len(b) > maxSecretFile {
			err = fmt.Errorf("%s is larger than %d bytes", f.file, maxSecretFile)
		}
		if err != nil {
			return secret.Secret{}, fmt.Errorf("--%s-file: %w", f.flag, err)
		}
		return secret.New(strings.TrimSpace(string(b))), nil
	}
	if v := a.env.System.Getenv(f.env); v != "" {
		return secret.New(v), nil
	}
	s, err := a.askSecret(f.question)
	if errors.Is(err, errNobody) {
		return s, usage("the %s is missing: give it by %s, --%s-file FILE, or --%s-file - (a line of the standard input)",
			strings.ToLower(f.question), f.env, f.flag, f.flag)
	}
	return s, err
}
