package tutorial

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Bounds of -n. A step takes a second: more than this is a mistake.
const (
	maxNumber  = 10_000
	maxNumbers = 100
)

// numberList is the value of -n: "3,4,10".
type numberList struct{ numbers *[]int }

// Type is what help calls the value.
func (numberList) Type() string { return "numbers" }

// String is the value as Set would read it.
func (l numberList) String() string {
	if l.numbers == nil {
		return ""
	}
	var fields []string
	for _, n := range *l.numbers {
		fields = append(fields, strconv.Itoa(n))
	}
	return strings.Join(fields, ",")
}

// Set replaces the list. Its errors complete the sentence
// `invalid argument "x" for "-n, --numbers" flag: `.
func (l numberList) Set(text string) error {
	fields := strings.Split(text, ",")
	if len(fields) > maxNumbers {
		return fmt.Errorf("%d numbers are too many: give at most %d", len(fields), maxNumbers)
	}
	var numbers []int
	for _, field := range fields {
		n, err := parseNumber(strings.TrimSpace(field))
		if err != nil {
			return err
		}
		numbers = append(numbers, n)
	}
	*l.numbers = numbers
	return nil
}

func parseNumber(field string) (int, error) {
	n, err := strconv.Atoi(field)
	switch {
	case field == "":
		return 0, errors.New("a number is missing: give a list such as 3,4,10")
	case err != nil && !errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%q is not a whole number: give a list such as 3,4,10", field)
	case n < 0:
		return 0, fmt.Errorf("%s has no factorial: give numbers from 0 on", field)
	case n > maxNumber: // or far out of range: Atoi then returns the nearest
		return 0, fmt.Errorf("%s is too large: give numbers up to %d", field, maxNumber)
	}
	return n, nil
}

// taskName is "Task A" for the first task, "Task Z" for the 26th, then "Task AA".
func taskName(i int) string {
	letters := ""
	for i++; i > 0; i = (i - 1) / 26 {
		letters = string(rune('A'+(i-1)%26)) + letters
	}
	return "Task " + letters
}
