package cli

import "github.com/spf13/cobra"

// Choices lets shells complete the values of a flag of c, which must be there.
func Choices(c *cobra.Command, flag string, values []string) {
	complete := cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	if err := c.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // there is no such flag
	}
}
