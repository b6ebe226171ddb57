#include <algorithm>
#include <functional>
#include <iterator>

#include "families/clip/clip.hpp"
#include "families/depth/depth.hpp"
#include "families/detect/detect.hpp"
#include "families/embed/embed.hpp"
#include "families/face/face.hpp"
#include "families/family.hpp"
#include "families/llm/llm.hpp"
#include "families/ocr/ocr.hpp"
#include "families/pose/pose.hpp"
#include "families/segment/segment.hpp"
#include "families/speech/speech.hpp"
#include "families/vlm/vlm.hpp"

namespace npu::families {
namespace {

constexpr bool kOwnFile = true;
constexpr bool kNoOwnFile = false;

// type, lane, exclusive group, whether model_path is a file, factory
constexpr FamilyEntry kFamilies[] = {
    {"clip", Lane::kVision, "", kNoOwnFile, make_clip_family},
    {"depth", Lane::kVision, "", kOwnFile, make_depth_family},
    {"detect", Lane::kVision, "", kOwnFile, make_detect_family},
    {"embed", Lane::kVision, "", kOwnFile, make_embed_family},
    {"face", Lane::kVision, "", kOwnFile, make_face_family},
    {"llm", Lane::kGeneration, "kv", kOwnFile, make_llm_family},
    {"ocr", Lane::kVision, "", kOwnFile, make_ocr_family},
    {"pose", Lane::kVision, "", kOwnFile, make_pose_family},
    {"segment", Lane::kVision, "", kOwnFile, make_segment_family},
    {"vlm", Lane::kGeneration, "kv", kOwnFile, make_vlm_family},
    {"vlm_chat", Lane::kGeneration, "kv", kOwnFile, make_vlm_family},
    {"whisper", Lane::kSpeech, "speech2text", kOwnFile, make_speech_family},
};
static_assert(std::ranges::adjacent_find(kFamilies, std::ranges::greater_equal(),
                                         &FamilyEntry::type) == std::end(kFamilies),
              "in the order of their types, none twice");

}  // namespace

const FamilyEntry* find_family(std::string_view type) {
  for (const auto& entry : kFamilies) {
    if (entry.type == type) return &entry;
  }
  return nullptr;
}

}  // namespace npu::families
