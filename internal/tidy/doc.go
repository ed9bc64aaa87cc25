// Package tidy has no code: its tests enforce the rules of the repository that
// neither the compiler nor a linter knows. Who imports whom (docs/DESIGN.md,
// "Packages"), what the scheduler must not use (rule S6), that every rule has a
// test, that functions stay short and exported names are documented, and that the
// pages of docs link to what is there.
package tidy
