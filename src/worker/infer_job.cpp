#include "worker/infer_job.hpp"

#include "base/priority_name.hpp"
#include "worker/messages.hpp"
#include "worker/request_input.hpp"

namespace npu::worker {
namespace json = boost::json;
namespace {

class JobOutput final : public families::InferOutput {
 public:
  JobOutput(const InferJob& job, Link& link) : area_(*job.output), job_(job), link_(link) {}

  Result<Place> allocate(DType dtype, const Shape& shape) override {
    return area_.allocate(dtype, shape);
  }
  void event(json::object event) override {
    if (job_.stream) link_.send(event_message(job_.job, event));
  }
  Result<OutputArea::Finished> finish(json::value& result) { return area_.finish(result); }

 private:
  OutputArea area_;
  const InferJob& job_;
  Link& link_;
};

Result<std::optional<OutputArea::Output>> parse_output(const json::object& message,
                                                       const RegionTable& regions) {
  const auto* value = message.if_contains("output");
  if (value == nullptr || value->is_null()) return std::nullopt;
  const auto* fields = value->if_object();
  if (fields == nullptr) return fail(ErrorCode::kMalformed, "output must be an object");
  const auto region = number_at(*fields, "region");
  const auto offset = number_at(*fields, "offset");
  const auto size = number_at(*fields, "size");
  for (const auto* number : {&region, &offset, &size}) {
    if (!*number) return fail(number->error());
  }
  const auto bytes = regions.bytes(*region, *offset, *size);
  if (!bytes) return fail(bytes.error());
  const auto* strict = fields->if_contains("strict");
  return OutputArea::Output{*region, *offset, *bytes, strict != nullptr && *strict == true};
}

// What anything else is costs the request only.
bool is_managers_mistake(const Error& error) {
  return error.code == ErrorCode::kMalformed || error.code == ErrorCode::kInternal;
}

Result<Priority> parse_priority(const json::object& message) {
  if (!message.contains("priority")) return Priority::kInteractive;
  const auto name = text_at(message, "priority");
  if (!name) return fail(name.error());
  const auto priority = priority_named(*name);
  if (!priority) return fail(ErrorCode::kMalformed, "the manager sent an unknown priority");
  return *priority;
}

}  // namespace

Result<InferJob> parse_infer(const json::object& message, const RegionTable& regions) {
  const auto job = number_at(message, "job");
  if (!job) return fail(job.error());
  const auto model = text_at(message, "model");
  if (!model) return fail(model.error());
  const auto* input = message.if_contains("input");
  if (input == nullptr || !input->is_object()) {
    return fail(ErrorCode::kMalformed, "input must be an object");
  }
  auto output = parse_output(message, regions);
  if (!output && is_managers_mistake(output.error())) return fail(output.error());
  const auto priority = parse_priority(message);
  if (!priority) return fail(priority.error());
  const auto* stream = message.if_contains("stream");
  return InferJob{.job = *job,
                  .model = *model,
                  .input = &input->get_object(),
                  .stream = stream != nullptr && *stream == true,
                  .priority = *priority,
                  .output = std::move(output)};
}

Result<Inferred> run_infer(const InferJob& job, families::FamilyModel& model,
                           const RegionTable& regions, Link& link, device::RunContext& context) {
  const RequestInput input(*job.input, regions);
  JobOutput output(job, link);
  const auto start = std::chrono::steady_clock::now();
  auto result = model.infer(input, output, context);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  if (!result) return fail(result.error());
  auto finished = output.finish(*result);
  if (!finished) return fail(finished.error());
  return Inferred{std::move(*result), took.count(), std::move(*finished)};
}

}  // namespace npu::worker
