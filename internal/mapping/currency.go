package mapping

import (
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/money"
)

// knownCurrency reports whether the API's description knows the code; a test
// holds the list to it.
func knownCurrency(c money.Currency) bool {
	_, err := money.ParseCurrency(string(c))
	return err == nil && strings.Contains(currencies, string(c)) && !slices.Contains(noMoney, c)
}

// noMoney are codes of ISO 4217 for no currency at all and for tests.
var noMoney = []money.Currency{"XXX", "XTS"}

const currencies = `AED AFN ALL AMD ANG AOA ARS ATS AUD AWG AZN BAM BBD BDT BEF BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD ` +
	`CAD CDF CHE CHF CHW CLF CLP CNH CNT CNY COP COU CRC CUC CUP CVE CYP CZK DEM DJF DKK DOP DZD EEK EGP ERN ESP ETB EUR ` +
	`FIM FJD FKP FRF GBP GEL GGP GHS GIP GMD GNF GRD GTQ GYD HKD HNL HRK HTG HUF IDR IEP ILS IMP INR IQD IRR ISK ITL ` +
	`JEP JMD JOD JPY KES KGS KHR KID KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LUF LVL LYD MAD MDL MGA MKD MMK MNT MOP MRO MTL MUR MVR MWK MXN MXV MYR MZN ` +
	`NAD NGN NIO NIS NLG NOK NPR NTD NZD OMR PAB PEN PGK PHP PKR PLN PRB PTE PYG QAR RMB RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SIT SKK SLL SLS SOS SRD SSP STN SVC SYP SZL ` +
	`THB TJS TMT TND TOP TRY TTD TVD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWB ZWL`
