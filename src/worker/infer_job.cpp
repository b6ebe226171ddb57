#include "worker/infer_job.hpp"

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
    if (!job_.order.stream) return;
    link_.send(wire::report::Event{job_.order.job, std::move(event)});
  }
  Result<OutputArea::Finished> finish(json::value& result) { return area_.finish(result); }

 private:
  OutputArea area_;
  const InferJob& job_;
  Link& link_;
};

Result<std::optional<OutputArea::Output>> find_output(
    const std::optional<wire::order::Output>& place, const RegionTable& regions) {
  if (!place) return std::nullopt;
  const auto bytes = regions.bytes(place->region, place->offset, place->bytes);
  if (!bytes) return fail(bytes.error());
  return OutputArea::Output{place->region, place->offset, *bytes, place->strict};
}

}  // namespace

Result<InferJob> infer_job(const wire::order::Infer& order, const json::object& input,
                           const RegionTable& regions) {
  auto output = find_output(order.output, regions);
  if (!output && output.error().code == ErrorCode::kInternal) return fail(output.error());
  return InferJob{order, input, std::move(output)};
}

Result<Inferred> run_infer(const InferJob& job, families::FamilyModel& model,
                           const RegionTable& regions, Link& link, device::RunContext& context) {
  const auto asker = job.order.asker.value_or(wire::order::Asker{});
  const RequestInput input(job.input, regions, {asker.client, asker.user});
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
