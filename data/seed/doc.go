// Package seed holds the sample café that the demo opens with and that the README and the tests use.
//
// menu.csv is the menu, one product a row, in the columns that `comptoir menu import` reads. Amounts
// are cents, tax included; rates are basis points, on site and taken away (fiscal R82: a sealed drink
// is 5.5 % taken away, alcohol 20 % and never in a suspended class). Meal units are the stamps one
// earns. An empty gift price belongs to what cannot be suspended. Options read
// `Lait*: vache | avoine +50; Taille: normal | grand +80`: groups, * for required, what a choice adds
// in cents.
//
// day.csv is one made day: 150 sales and 9 redemptions, one row per line, mode, tender and card
// repeated on each row of a transaction. kind is sale, gift or redemption; a gift costs the product's
// gift price and takes no option; a redemption is alone in its transaction and pays nothing. tender is
// one means for the whole, or several with their cents, `meal_voucher:1190+card:380`. card is a label:
// the same card each time. options read `Lait: avoine; Taille: grand`. With cards that start empty,
// two ninth meals fall (c12, c07), twelve gifts and these two releases fill the shelf, eight
// redemptions are served from it and one, when no coffee was left, by the house.
//
// It must not know how either file is read: it only carries them.
package seed
