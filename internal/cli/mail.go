package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/config"
	"github.com/vienti/vienti/internal/secret"
)

func (a *app) mailCommand() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "mail --test ADDRESS",
		Short: "Send a letter to see whether mail works",
		Long: `Hands one letter to the mail server of the configuration ([mail] in the file, or
VIENTI_MAIL_HOST and the others) and says what the server answered.`,
		Example: "  vienti mail --test aino@example.fi",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.testMail(cmd.Context(), to) },
	}
	cmd.Flags().StringVar(&to, "test", "", "address that the letter goes to")
	return cmd
}

// mailServer is that of the configuration; ok is false when there is none.
func mailServer(m config.Mail) (s alert.Server, ok bool) {
	return alert.Server{Host: m.Host, Port: m.Port, TLS: m.TLS, User: m.User, Password: secret.New(string(m.Password)), From: m.From}, m.Host != ""
}

func (a *app) testMail(ctx context.Context, to string) error {
	if to == "" {
		return usage("%s", a.t("mail.missing"))
	}
	s, ok := mailServer(a.cfg.Mail)
	if !ok {
		return errors.New(a.t("mail.none"))
	}
	l := alert.Letter{Key: "test/" + a.now().UTC().Format("2006-01-02T15:04:05.000"), To: to}
	l.Subject, l.Body = alert.Test(a.say, strings.TrimRight(a.cfg.PublicURL, "/"))
	if err := s.Send(ctx, l); err != nil {
		return &exit{codeNoAnswer, err}
	}
	a.printf("%s\n", a.t("mail.sent", "address", to, "host", s.Host))
	return nil
}
