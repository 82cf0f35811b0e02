package web

import (
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
)

// ChannelWord says a channel, such as "e-mail".
func ChannelWord(say locale.Speaker, c hub.Channel) string {
	if key := "channel-is." + string(c); say.Has(key) {
		return say.T(key)
	}
	return string(c)
}

// ChannelWords says how an invoice goes and what decided it, such as "e-mail to
// laskut@kuvitelma.example: the customer's row 1001 says so".
func ChannelWords(say locale.Speaker, c hub.ChannelChoice) string {
	text := ChannelWord(say, c.Channel)
	if c.To != "" {
		text = say.T("channel.to", "channel", text, "to", c.To)
	}
	text += " – " + say.T("channel-by."+string(c.By), "row", c.Row)
	if c.Row != "" && c.By != hub.ByCustomer {
		text += "; " + say.T("channel.address-of-row", "row", c.Row)
	}
	return text
}

func channelTexts(rule hub.ChannelRule) (list []string) {
	for _, c := range rule {
		list = append(list, string(c))
	}
	return list
}

// channelValue says a list that begins with channels, as settings keep it.
func channelValue(say locale.Speaker, value string) string {
	parts := strings.Split(value, ", ")
	for i, p := range parts {
		if p == "rule" {
			parts[i] = say.T("channel.by-rule")
			continue
		}
		parts[i] = ChannelWord(say, hub.Channel(p))
	}
	return strings.Join(parts, " › ")
}

// OperatorsWords says which list of operators counts.
func OperatorsWords(say locale.Speaker, l *hub.OperatorList) string {
	return say.T("channel.operators-are", "n", say.Int(len(l.List)), "date", l.Date, "source", l.Source)
}
