package locale

import (
	"testing"
	"time"

	"comptoir/data/money"
)

func TestMoneyIsWrittenAsTheLanguageWritesIt(t *testing.T) {
	all := all(t)
	for _, c := range []struct {
		cents money.Cents
		money []string // in the order of Codes
		euros []string
		field []string
	}{
		{1240, []string{"12,40\u00a0€", "€12.40", "12,40\u00a0€"}, []string{"12,40\u00a0€", "€12.40", "12,40\u00a0€"}, []string{"12,40", "12.40", "12,40"}},
		{0, []string{"0,00\u00a0€", "€0.00", "0,00\u00a0€"}, []string{"0\u00a0€", "€0", "0\u00a0€"}, []string{"0,00", "0.00", "0,00"}},
		{5, []string{"0,05\u00a0€", "€0.05", "0,05\u00a0€"}, []string{"0,05\u00a0€", "€0.05", "0,05\u00a0€"}, []string{"0,05", "0.05", "0,05"}},
		{500, []string{"5,00\u00a0€", "€5.00", "5,00\u00a0€"}, []string{"5\u00a0€", "€5", "5\u00a0€"}, []string{"5,00", "5.00", "5,00"}},
		{-350, []string{"−3,50\u00a0€", "−€3.50", "−3,50\u00a0€"}, []string{"−3,50\u00a0€", "−€3.50", "−3,50\u00a0€"}, []string{"-3,50", "-3.50", "-3,50"}},
		{123450, []string{"1\u202f234,50\u00a0€", "€1,234.50", "1234,50\u00a0€"}, []string{"1\u202f234,50\u00a0€", "€1,234.50", "1234,50\u00a0€"}, []string{"1234,50", "1234.50", "1234,50"}},
		{
			123456789,
			[]string{"1\u202f234\u202f567,89\u00a0€", "€1,234,567.89", "1.234.567,89\u00a0€"},
			[]string{"1\u202f234\u202f567,89\u00a0€", "€1,234,567.89", "1.234.567,89\u00a0€"},
			[]string{"1234567,89", "1234567.89", "1234567,89"},
		},
	} {
		for i, l := range all {
			if got := l.Money(c.cents); got != c.money[i] {
				t.Errorf("%s %d: %q, want %q", l.Code, c.cents, got, c.money[i])
			}
			if got := l.Euros(c.cents); got != c.euros[i] {
				t.Errorf("%s round %d: %q, want %q", l.Code, c.cents, got, c.euros[i])
			}
			if got := l.Amount(c.cents); got != c.field[i] {
				t.Errorf("%s field %d: %q, want %q", l.Code, c.cents, got, c.field[i])
			}
			if back, err := money.Parse(l.Amount(c.cents)); err != nil || back != c.cents {
				t.Errorf("%s: the field %q reads as %v, %v", l.Code, l.Amount(c.cents), back, err)
			}
		}
	}
}

func TestDatesRatesAndNumbers(t *testing.T) {
	fr, en := load(t)
	es := all(t)[2]
	at := time.Date(2026, 11, 1, 9, 5, 0, 0, time.UTC)
	for _, c := range [][2]string{
		{fr.Date(at), "dimanche 1er novembre 2026"}, {en.Date(at), "Sunday 1 November 2026"}, {es.Date(at), "domingo, 1 de noviembre de 2026"},
		{fr.Time(at), "09\u00a0h\u00a005"}, {en.Time(at), "09:05"}, {es.Time(at), "09:05"},
		{fr.Day("2026-11-21"), "samedi 21 novembre 2026"}, {en.Day("no day"), "no day"}, {es.Day("2026-11-21"), "sábado, 21 de noviembre de 2026"},
		{fr.DayMonth("2026-11-01"), "1er novembre"}, {en.DayMonth("2026-11-16"), "16 November"}, {es.DayMonth("2026-11-16"), "16 de noviembre"}, {en.DayMonth("no day"), "no day"},
		{fr.Month("2026-11-01"), "novembre 2026"}, {en.Month("2026-11-16"), "November 2026"}, {es.Month("2026-11-16"), "noviembre de 2026"}, {es.Month("no day"), "no day"},
		{fr.Weekday("2026-11-21", false), "samedi"}, {en.Weekday("2026-11-21", true), "Sat"}, {es.Weekday("2026-11-18", true), "mié"}, {es.Weekday("no day", true), "no day"},
		{fr.Rate(550), "5,5\u00a0%"}, {en.Rate(550), "5.5%"}, {fr.Rate(2000), "20\u00a0%"}, {fr.Rate(0), "0\u00a0%"}, {en.Rate(210), "2.1%"}, {es.Rate(550), "5,5\u00a0%"},
		{fr.Number(1204), "1\u202f204"}, {en.Number(-1204567), "−1,204,567"}, {fr.Number(12), "12"},
		{es.Number(1204), "1204"}, {es.Number(12040), "12.040"}, {es.Number(-1204567), "−1.204.567"}, {es.Number(-120), "−120"},
		{fr.N("cart.items", 1), "1 article"}, {fr.N("cart.items", 0), "0 article"}, {fr.N("cart.items", 2), "2 articles"},
		{fr.N("cart.items", 1_000_000), "1\u202f000\u202f000 d’articles"},
		{en.N("cart.items", 1), "1 item"}, {en.N("cart.items", 0), "0 items"}, {en.N("cart.items", 1500), "1,500 items"},
		{es.N("cart.items", 1), "1 artículo"}, {es.N("cart.items", 0), "0 artículos"}, {es.N("cart.items", 1_000_000), "1.000.000 de artículos"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %q, want %q", c[0], c[1])
		}
	}
}
