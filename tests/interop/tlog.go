// SPDX-License-Identifier: Apache-2.0

// tlog checks an export with golang.org/x/mod/sumdb: the checkpoint's signature, every hash tile against the checkpoint's root, the
// inclusion of every entry, and the consistency of earlier sizes with it.
//
// usage: tlog EXPORT-DIR VKEY
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type tiles struct{ dir string }

func (t tiles) Height() int { return height }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// The layout on disk has no height in its paths; an N is written with the same x-groups.
func (t tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range want {
		path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
		data, err := os.ReadFile(filepath.Join(t.dir, "tile", path))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func must(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "tlog: %s: %v\n", what, err)
		os.Exit(1)
	}
}

func require(ok bool, what string) {
	if !ok {
		must(fmt.Errorf("does not hold"), what)
	}
}

func entries(dir string, size int64) [][]byte {
	var out [][]byte
	for n := int64(0); n*256 < size; n++ {
		width := size - n*256
		tile := tlog.Tile{H: height, L: 0, N: n, W: 256}
		if width < 256 {
			tile.W = int(width)
		}
		path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/0/", height))
		data, err := os.ReadFile(filepath.Join(dir, "tile", "entries", path))
		must(err, "entry bundle")
		for i := 0; i < tile.W; i++ {
			require(len(data) >= 2, "entry bundle length")
			k := int(binary.BigEndian.Uint16(data))
			require(len(data) >= 2+k, "entry bundle entry")
			out = append(out, data[2:2+k])
			data = data[2+k:]
		}
		require(len(data) == 0, "entry bundle end")
	}
	return out
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: tlog EXPORT-DIR VKEY")
		os.Exit(2)
	}
	dir := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	must(err, "vkey")
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	must(err, "checkpoint")
	opened, err := note.Open(text, note.VerifierList(verifier))
	must(err, "checkpoint signature")

	lines := strings.Split(opened.Text, "\n")
	require(len(lines) == 4 && lines[0] == verifier.Name(), "checkpoint text")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "checkpoint size")
	root, err := tlog.ParseHash(lines[2])
	must(err, "checkpoint root")

	tree := tlog.Tree{N: size, Hash: root}
	hashes := tlog.TileHashReader(tree, tiles{dir})
	for i, entry := range entries(dir, size) {
		proof, err := tlog.ProveRecord(size, int64(i), hashes)
		must(err, fmt.Sprintf("proof of entry %d", i))
		must(tlog.CheckRecord(proof, size, root, int64(i), tlog.RecordHash(entry)), fmt.Sprintf("entry %d", i))
	}
	for old := int64(1); old <= size; old++ {
		oldRoot, err := tlog.TreeHash(old, hashes)
		must(err, "earlier root")
		proof, err := tlog.ProveTree(size, old, hashes)
		must(err, "consistency proof")
		must(tlog.CheckTree(proof, size, root, old, oldRoot), fmt.Sprintf("consistency with size %d", old))
	}
	fmt.Printf("tlog: checkpoint, %d inclusions and %d consistencies hold\n", size, size)
}
