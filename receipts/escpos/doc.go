// Package escpos speaks to receipt printers, and is one: an encoder of the bytes that print a paper, and a strict virtual
// printer that turns such bytes back into text, events and a picture.
//
// A Profile says what a printer can do: no code page number and no width is universal. What an Encoder writes begins with a
// reset and the national set of the USA, holds no sequence that a printer would obey inside text or pictures, and ends with a
// cut: no job leaves anything to the next one.
//
// It must not know what is printed: callers hand it text, rows, codes and pictures.
package escpos
