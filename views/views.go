// Package views draws everything a person sees: pages, the fragments that arrive live, and their sentences.
//
// Components take plain values and return HTML; they ask nothing of the database, and of the context only the nonce.
// What somebody wrote is escaped by templ wherever it is printed; the one exception is [chat.SafeHTML], in message.templ.
// Addresses are made in address.go, ids in dom.go, sentences in words/en.toml.
package views
