//go:build postgres

package handlers_test

import "github.com/gofiber/storage/postgres/v3"

// openBlobs opens what may be lost, beside a community.
func openBlobs(place string) *postgres.Storage {
	return postgres.New(postgres.Config{ConnectionURI: place, Table: "blobs"})
}
