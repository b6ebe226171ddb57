#include "cli/head_check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "vision/faces/face_head.hpp"
#include "vision/head.hpp"
#include "vision/pose_head.hpp"
#include "vision/segment_head.hpp"
#include "vision/text_head.hpp"

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

// What is compared by its direction: of a picture, a face or a text.
constexpr std::string_view kEmbedding = "embedding";
constexpr std::int64_t kLongestEmbedding = 4096;  // as services take them
constexpr media::Size kAlignedFace{112, 112};

bool is_embedding(const ModelOutputs& outputs) {
  if (outputs.floats.size() != 1) return false;
  const auto row = vision::without_batch(outputs.floats[0].shape, 1);
  return row.size() == 1 && row[0] > 1 && row[0] <= kLongestEmbedding;
}

Result<std::optional<ModelHead>> vectors(const ModelOutputs& outputs) {
  if (is_embedding(outputs)) return ModelHead{kEmbedding};
  return fail(ErrorCode::kUnsupported,
              fmt::format("the model's outputs {} are no vector; what would do: one output of 2 to "
                          "{} numbers",
                          vision::shapes_of(outputs.floats), kLongestEmbedding));
}

// The network that finds faces, or the one that knows them again.
Result<std::optional<ModelHead>> faces(const std::string& said, const ModelOutputs& outputs,
                                       media::Size input) {
  const bool knows = said.empty() && is_embedding(outputs) && input == kAlignedFace;
  if (said == kEmbedding || knows) {
    if (input == kAlignedFace) return vectors(outputs);
    return fail(ErrorCode::kUnsupported,
                fmt::format("a network that knows faces takes {0} x {0}, this one {1} x {2}",
                            kAlignedFace.width, input.width, input.height));
  }
  const auto head = checked(said, vision::kFaceHeadNames, vision::face_head_named, [&](auto told) {
    return vision::find_face_head(outputs.floats, input, told);
  });
  if (!head) return fail(head.error());
  return ModelHead{name_of_kind(head->kind, vision::kFaceHeadNames)};
}

// Where text is, what it says, and whether it is upside down.
Result<std::optional<ModelHead>> text(const ModelDescription& model, const ModelOutputs& outputs,
                                      media::Size input) {
  const auto head =
      checked(model.head, vision::kTextHeadNames, vision::text_head_named,
              [&](auto told) { return vision::find_text_head(outputs.floats, input, told); });
  if (!head) return fail(head.error());
  if (head->kind == vision::TextHeadKind::kSteps) {
    const auto alphabet = vision::alphabet_of(head->classes, model.labels);
    if (!alphabet) return fail(alphabet.error().code, "it " + alphabet.error().message);
  }
  return ModelHead{name_of_kind(head->kind, vision::kTextHeadNames)};
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

bool has_free_head(const ModelDescription& model) { return model.family == "ocr"; }

Result<std::optional<ModelHead>> head_of(const ModelDescription& model, const ModelOutputs& outputs,
                                         media::Size input) {
  if (model.family == "clip") return vectors(outputs);
  if (model.family == "detect") return detector(model.head, outputs, input);
  if (model.family == "face") return faces(model.head, outputs, input);
  if (model.family == "ocr") return text(model, outputs, input);
  if (model.family == "pose") return people(model.head, outputs, input);
  if (model.family == "segment") return segmenter(model.head, outputs, input);
  return std::nullopt;
}

}  // namespace npu::cli
