#include "services/detect/finder.hpp"

#include <utility>

#include "services/kit/network_outputs.hpp"

namespace npu::detect {

Result<std::vector<Found>> find_objects(const InferResult& result, const kit::Placement& placed,
                                        std::optional<vision::HeadKind> head,
                                        const DetectOptions& options) {
  const auto outputs = kit::NetworkOutputs::of(result);
  if (!outputs) return fail(outputs.error());
  const auto known = vision::find_head(outputs->all(), placed.input, head);
  if (!known) return fail(ErrorCode::kInternal, known.error().message);

  vision::Candidates candidates = kit::candidates_for(placed, options);
  vision::decode(*known, outputs->all(), placed.input, static_cast<float>(options.threshold),
                 candidates);
  std::vector<Found> found;
  for (const vision::Detection& one :
       vision::suppress(std::move(candidates), kit::suppression_for(options))) {
    found.push_back({kit::in_picture(placed, one.box), one.score, one.label});
  }
  return found;
}

}  // namespace npu::detect
