// What runtime::metrics() shows of a life has to add up, by the simulation's own count:
//
//   start_position + applied + passed + parked = position + ahead    of each follower of the log, between any two jobs
//   annals_log_events_total and …_bytes_total = what stands in the log, after the life's beginning, up to what it knows to be durable
//   position = the head of the log, ahead = 0                        of each follower, when nothing is left to do
//   all outcomes of annals_commands_total =                          when nothing is in flight
//       commands sent here, whatever became of them
//     + commands of other nodes that the node has taken: handed to its engine, or answered without it
//     + answers to commands of process managers that have reached them; those of an attempt that was given up, too
//
// A process manager's attempt without an answer is not counted: it waits for a dead aggregate, or the process manager has ended first.
#pragma once

#include "life.hpp"

#include <deque>
#include <string>
#include <vector>

/// `log`: the records on the disk. The life began after `begun`.
void check_log(const annals::detail::engine& engine, const std::deque<std::string>& log, annals::position begun);
void check_followers(const annals::detail::engine& engine);
/// Every follower is done with everything up to the head.
void check_followers_at_head(const annals::detail::engine& engine, annals::position head);
/// Every command has its answer. `answered`: how many answers there were.
void check_commands(const annals::detail::engine& engine, std::size_t answered);
