// What Redis executes, as Lua: https://redis.io/docs/interact/programmability/eval-intro/. A script is executed alone and whole, and reaches
// the append-only file and the replicas as one transaction of what it has written, so each is one step of a sink: nobody sees half of it, nor
// does a restart.
//
// Why not WATCH and MULTI: neither takes back what was done before a command that fails, and a transaction cannot look before it writes. A
// script can: unless all its commands are sure to succeed, it notes how things were before each of them, and puts them back if one fails.
#pragma once

namespace annals::redis::scripts {

/// KEYS: sink, parked, skipped. Nothing if there is no such generation, else what these hold.
extern const char* const look;
/// KEYS: sink, parked, skipped, keys, and skipped of `live`. ARGV: id, shape, history, number of slots, and 1 for `next`.
extern const char* const create;
/// KEYS: sink, parked, skipped, keys.
extern const char* const drop;
/// KEYS: sink, parked, skipped, keys, the beginning of names for what a step deletes, and the keys that its commands name. ARGV: the id;
/// the number of moves, each slot, expected and new place; the number of parked rows, each position and row; of positions that are parked no
/// more; of positions that are skipped; 1 if all commands are sure to succeed (key_uses.hpp); for each key that the commands name its flags and
/// the sum of its numbers; of runs, if they are sure, each a command's name, the number of its key in KEYS, how often, and that many times its
/// arguments; of commands, if they are not, each the number of its event, name, number of its key in KEYS, number of arguments, and these.
/// The answer is `done`, `moved`, `unsure` if they are not sure after all: then nothing has been done, or `refused` with the number of the
/// event, the reason and the key.
extern const char* const commit;
/// KEYS: sink, parked, skipped and keys of `live`, and of `next`. ARGV: beginnings of the keys of both, number of slots. The answer is `done`,
/// `behind` or `gone`.
extern const char* const swap;

}  // namespace annals::redis::scripts
