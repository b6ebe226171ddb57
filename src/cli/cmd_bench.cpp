#include <memory>

#include <fmt/format.h>

#include "cli/bench_run.hpp"
#include "cli/commands.hpp"
#include "cli/text.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

struct BenchArguments {
  ModelArguments model;
  std::vector<std::string> transports{"shm", "tail", "v1"};
  std::vector<std::int64_t> shape{256, 320, 3};
  std::string dtype = "uint8";
  std::string input_name = "input";
  int requests = 200;
  int concurrency = 1;
};

Result<DType> parse_dtype(const std::string& name) {
  if (const auto dtype = dtype_from_name(name)) return *dtype;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("must be a type as numpy names it, such as float32, got '{}'", name));
}

struct Row {
  std::string transport;
  double p50, p90, p99, per_second;
};

std::string ratio(double value, double base) {
  return base > 0 ? fmt::format("{:.2f}x", value / base) : std::string("-");
}

void print(const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> cells{
      {"TRANSPORT", "P50", "P90", "P99", "PER SECOND", "P50 RATIO"}};
  for (const auto& row : rows) {
    cells.push_back({row.transport, milliseconds(row.p50), milliseconds(row.p90),
                     milliseconds(row.p99), fmt::format("{:.1f}", row.per_second),
                     ratio(row.p50, rows.front().p50)});
  }
  fmt::print("{}", table(cells));
}

int bench(const Context& context, const BenchArguments& arguments) {
  const BenchPlan plan{context.client_options(), arguments.model.resolve(),
                       arguments.input_name,     *parse_dtype(arguments.dtype),
                       arguments.shape,          arguments.requests,
                       arguments.concurrency};
  std::vector<Row> rows;
  json::array out;
  for (const auto& name : arguments.transports) {
    const auto result = run_bench(plan, *transport_from_name(name));
    if (!result) return context.report(result.error());
    const auto& times = result->milliseconds;
    const Row row{name, percentile(times, 0.5), percentile(times, 0.9), percentile(times, 0.99),
                  static_cast<double>(times.size()) / result->seconds};
    rows.push_back(row);
    out.push_back(json::object{{"transport", name},
                               {"p50_ms", row.p50},
                               {"p90_ms", row.p90},
                               {"p99_ms", row.p99},
                               {"per_second", row.per_second},
                               {"p50_ratio", row.p50 / rows.front().p50}});
  }
  if (context.json) {
    print_json(out);
  } else {
    print(rows);
  }
  return kOk;
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<BenchArguments>();
  auto* command = app.add_subcommand("bench", "Measure the round trip of inferences");
  arguments->model.add_to(*command);
  command->add_option("--requests,-n", arguments->requests, "Requests, all clients together")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command->add_option("--concurrency,-c", arguments->concurrency, "Clients at the same time")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command
      ->add_option("--transports", arguments->transports,
                   "Of shm, tail, v1; ratios are to the first")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(readable_by(transport_from_name))
      ->capture_default_str();
  command->add_option("--shape", arguments->shape, "Of the input")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str();
  command->add_option("--dtype", arguments->dtype, "Of the input")
      ->check(readable_by(parse_dtype))
      ->capture_default_str();
  command->add_option("--input-name", arguments->input_name, "Field of input_data")
      ->capture_default_str();
  command->callback([&context, arguments] {
    context.exit_code = context.with_client([&](auto&) { return bench(context, *arguments); });
  });
}

}  // namespace npu::cli
