// The interface compiles by itself.
#include "net/session/link.hpp"
