// Package money holds the arithmetic of a till: cents, basis points, one way to round and one way to share.
//
// Nothing here is a float, and nothing else in Comptoir rounds or divides money. Standard library only.
package money
