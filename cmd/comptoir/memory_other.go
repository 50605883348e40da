//go:build !linux

package main

func letGoOfCode() {}
