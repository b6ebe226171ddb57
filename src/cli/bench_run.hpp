// A closed loop: each of `concurrency` clients sends its next request when it has the last answer.
#pragma once

#include <string>
#include <vector>

#include <npu/client_types.hpp>

namespace npu::cli {

enum class Transport { kShm, kTail, kVersion1 };

Result<Transport> transport_from_name(const std::string& name);
std::string name_of(Transport transport);

struct BenchPlan {
  ClientOptions client;
  ModelRef model;
  std::string input_name = "input";
  DType dtype = DType::kUint8;
  Shape shape;
  int requests = 100;  // all clients together
  int concurrency = 1;
};

struct BenchResult {
  std::vector<double> milliseconds;  // sorted, one a request
  double seconds = 0;                // from the first to the last
};

// Runs the plan over one transport; the first request of each client is not counted. Fails with the
// first error of any client, kUnsupported where the manager does not grant the transport.
Result<BenchResult> run_bench(const BenchPlan& plan, Transport transport);

}  // namespace npu::cli
