#include "cli/head_check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "vision/faces/face_head.hpp"
#include "vision/head.hpp"
#include "vision/pose_head.hpp"
#include "vision/segment_head.hpp"

namespace npu::cli {
namespace {

// find(kind): the head. named(text): its kind.
template <class Named, class Find, class Names>
auto checked(const std::string& said, const Names& names, const Named& named, const Find& find)
    -> decltype(find(named(said))) {
  const auto told = named(said);
  if (!said.empty() && !told) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("head {} is none of this type: {}", said, fmt::join(names, ", ")));
  }
  return find(told);
}

template <class Kind, class Names>
std::string_view name_of_kind(Kind kind, const Names& names) {
  return names.at(static_cast<std::size_t>(kind));
}

Result<std::optional<ModelHead>> detector(const std::string& said, const ModelOutputs& outputs,
                                          media::Size input) {
  const auto head = checked(said, vision::kHeadNames, vision::head_named, [&](auto told) {
    return vision::find_head(outputs.floats, input, told);
  });
  if (!head) return fail(head.error());
  return ModelHead{name_of_kind(head->kind, vision::kHeadNames), head->classes};
}

Result<std::optional<ModelHead>> people(const std::string& said, const ModelOutputs& outputs,
                                        media::Size input) {
  const auto head = checked(said, vision::kPoseHeadNames, vision::pose_head_named, [&](auto told) {
    return vision::find_pose_head(outputs.floats, input, told);
  });
  if (!head) return fail(head.error());
  return ModelHead{name_of_kind(head->kind, vision::kPoseHeadNames)};
}

// The network that finds faces, or the one that knows them again.
Result<std::optional<ModelHead>> faces(const std::string& said, const ModelOutputs& outputs,
                                       media::Size input) {
  if (said == "embedding") return ModelHead{"embedding"};
  const auto head = checked(said, vision::kFaceHeadNames, vision::face_head_named, [&](auto told) {
    return vision::find_face_head(outputs.floats, input, told);
  });
  if (!head) return fail(head.error());
  return ModelHead{name_of_kind(head->kind, vision::kFaceHeadNames)};
}

Result<std::optional<ModelHead>> segmenter(const std::string& said, const ModelOutputs& outputs,
                                           media::Size input) {
  vision::SegmentOutputs all{.floats = outputs.floats};
  if (outputs.bytes) all.bytes.emplace();
  const auto head = checked(said, vision::kSegmentNames, vision::segment_kind_named,
                            [&](auto told) { return vision::find_segment_head(all, input, told); });
  if (!head) return fail(head.error());
  return ModelHead{name_of_kind(head->kind, vision::kSegmentNames), head->detector.classes};
}

}  // namespace

Result<std::optional<ModelHead>> head_of(const ModelDescription& model, const ModelOutputs& outputs,
                                         media::Size input) {
  if (model.family == "detect") return detector(model.head, outputs, input);
  if (model.family == "face") return faces(model.head, outputs, input);
  if (model.family == "pose") return people(model.head, outputs, input);
  if (model.family == "segment") return segmenter(model.head, outputs, input);
  return std::nullopt;
}

}  // namespace npu::cli
