/* What a launch begins with, from top to bottom. Each step returns only if it has succeeded. */
#include "entry.h"

int main(int argc, char **argv, char **variables)
{
	char *record = record_state();
	char **environment = encode_environment(record, variables);
	const char *root = find_root();

	become_node(root, argc > 0 ? argv + 1 : argv, environment);
}
