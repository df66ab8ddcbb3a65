// The engines of the comparison, and what each of them promises.
#pragma once

#include "benchmarks/compare/drive.hpp"
#include "benchmarks/compare/engine.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bench::compare {

/// Each throws `left_out` if it was built without the library, or the machine does not have the server.
std::unique_ptr<engine> open_sqlite(const place& at, std::size_t batch_max);
std::unique_ptr<engine> open_rocksdb(const place& at);
std::unique_ptr<engine> open_postgresql(const place& at);       // one command for each transaction
std::unique_ptr<engine> open_postgresql_rows(const place& at);  // one statement for everything that waits
std::unique_ptr<engine> open_redis(const place& at);

struct contender {
  std::string name;
  std::string durability;  // what an answer has waited for
  std::string ordering;    // what a reader can rely on
  std::function<measured(const work&)> measure;
  std::string reference = "annals";  // the contender that its ratio refers to
};

/// Each comes after the contender that its ratio refers to.
const std::vector<contender>& contenders();

}  // namespace bench::compare
