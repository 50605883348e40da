package main

// virtualCmd are devices that are none, to try a till with.
type virtualCmd struct {
	Printer  virtualPrinterCmd  `cmd:"" help:"A receipt printer on the network."`
	CaisseAP virtualCaisseAPCmd `cmd:"" name:"caisse-ap" help:"A card terminal that speaks Caisse-AP over IP."`
	Concert  virtualConcertCmd  `cmd:"" help:"A card terminal that speaks Concert E+ over a serial line."`
}
