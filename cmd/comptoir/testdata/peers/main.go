// Peers is PocketBase as a peer of the till: its own program, with the collections of a sale, and a durability that can be
// chosen.
package main

import (
	"log"
	"os"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
)

func main() {
	var config pocketbase.Config
	if mode := os.Getenv("PEER_SYNC"); mode != "" { // otherwise as it is shipped
		config.DBConnect = func(path string) (*dbx.DB, error) {
			return dbx.Open("sqlite", path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)"+
				"&_pragma=synchronous("+mode+")&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)")
		}
	}
	app := pocketbase.NewWithConfig(config)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		if err := furnish(app); err != nil {
			return err
		}
		return e.Next()
	})
	if err := app.Start(); err != nil {
		log.Fatal(err)
	}
}

// furnish makes the collections, open to whoever reaches them, and turns off what would slow it down.
func furnish(app core.App) error {
	settings := app.Settings()
	settings.Batch.Enabled, settings.Batch.MaxRequests = true, 50
	settings.RateLimits.Enabled, settings.Logs.MaxDays = false, 0
	if err := app.Save(settings); err != nil {
		return err
	}
	open := ""
	collection := func(name string, fields ...core.Field) error {
		if _, err := app.FindCollectionByNameOrId(name); err == nil {
			return nil
		}
		c := core.NewBaseCollection(name)
		c.CreateRule, c.ViewRule = &open, &open
		c.Fields.Add(fields...)
		return app.Save(c)
	}
	number := func(name string) core.Field { return &core.NumberField{Name: name, OnlyInt: true} }
	text := func(name string) core.Field { return &core.TextField{Name: name} }
	if err := collection("orders", number("day"), number("at"), number("cashier"), number("total"), number("tax"), text("state")); err != nil {
		return err
	}
	orders, err := app.FindCollectionByNameOrId("orders")
	if err != nil {
		return err
	}
	order := func() core.Field { return &core.RelationField{Name: "order", CollectionId: orders.Id, MaxSelect: 1} }
	for name, fields := range map[string][]core.Field{
		"lines":    {order(), number("product"), text("name"), number("qty"), number("unit"), number("rate"), number("total")},
		"payments": {order(), text("method"), number("amount")},
		"stamps":   {order(), number("card"), number("n")},
		"pool":     {order(), number("card"), text("kind"), number("amount")},
		"journal":  {order(), number("seq"), text("prev"), text("hash"), text("sig"), text("body")},
	} {
		if err := collection(name, fields...); err != nil {
			return err
		}
	}
	return nil
}
