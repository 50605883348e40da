// Package datatest opens real databases for tests: a temporary directory, a clock moved by hand, and an audit
// at the end of every test. Nothing outside tests imports it.
package datatest
