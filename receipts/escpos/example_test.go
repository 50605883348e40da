package escpos_test

import (
	"fmt"

	"comptoir/receipts/escpos"
)

func ExampleEncoder() {
	profile, err := escpos.ProfileNamed("58")
	if err != nil {
		panic(err)
	}
	e := escpos.New(profile)
	e.Center("Café Zoé")
	e.Row("2 Café crème", "7,00 €")
	e.Bold(true)
	e.Row("TOTAL", "7,00 €")
	job, err := e.Bytes()
	if err != nil {
		panic(err)
	}

	printer := escpos.NewPrinter(profile, true)
	if _, err := printer.Write(job); err != nil {
		panic(err)
	}
	for _, paper := range printer.Papers() {
		fmt.Print(paper.Text)
	}
	fmt.Println(printer.Errors())
	// Output:
	//             Café Zoé
	// 2 Café crème              7,00 €
	// TOTAL                     7,00 €
	// []
}
