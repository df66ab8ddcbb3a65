// An engine with several connections, each with commands under way, served by one thread. A stream always uses the same connection, so
// that its commands keep their order.
#pragma once

#include "benchmarks/compare/engine.hpp"

namespace bench::compare {

class pipelined_engine : public engine {
public:
  explicit pipelined_engine(std::size_t connections) : under_way_(connections) {}

  void submit(const deposit& d) final;
  void wait(std::vector<deposit>& answered) final;

private:
  virtual int descriptor(std::size_t connection) = 0;
  virtual void send(std::size_t connection, const deposit& d) = 0;
  /// Returns false if the connection cannot take more at present.
  virtual bool flush(std::size_t connection) = 0;
  /// Reads what has arrived. Returns how many more of `under_way` are answered.
  virtual std::size_t receive(std::size_t connection, std::size_t under_way) = 0;

  std::vector<std::deque<deposit>> under_way_;
};

}  // namespace bench::compare
