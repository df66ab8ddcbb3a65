// `annals keys new`: makes the key of a node.
#pragma once

#include <string>

namespace tools {

/// Prints the file, the public key, and the lines that others put into their file of peers. `file` empty: NAME.key.
int make_key(const std::string& name, std::string file, bool json);

}  // namespace tools
