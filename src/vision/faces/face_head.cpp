#include "vision/faces/face_head.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "vision/faces/blazeface.hpp"
#include "vision/faces/scrfd.hpp"
#include "vision/faces/yunet.hpp"

namespace npu::vision {
namespace {

struct Functions {
  decltype(&scrfd::find) find;
  decltype(&scrfd::decode) decode;
  decltype(&scrfd::points_of) points_of;
};

// In the order of FaceHeadKind.
constexpr std::array<Functions, kFaceHeadNames.size()> kHeads{{
    {scrfd::find, scrfd::decode, scrfd::points_of},
    {yunet::find, yunet::decode, yunet::points_of},
    {blazeface::find, blazeface::decode, blazeface::points_of},
}};

const Functions& functions_of(FaceHeadKind kind) { return kHeads[static_cast<std::size_t>(kind)]; }

tl::unexpected<Error> no_face_head(std::span<const Output> outputs, media::Size input,
                                   std::optional<FaceHeadKind> told) {
  const int columns = input.width / kStrides[0];
  const int rows = input.height / kStrides[0];
  const int cells = rows * columns;
  return fail(
      ErrorCode::kUnsupported,
      fmt::format(
          "the outputs {} of a network with input {}x{} are no head of faces{}; what would "
          "do: scrfd ({}, {}, 2), ({}, {}, 8) and ({}, {}, 20), or ({}, 1), ({}, 4) and "
          "({}, 10), and so at strides 16 and 32; yunet twice ({}, 1), then ({}, 4) and "
          "({}, 10), and so at strides 16 and 32; blazeface (512, 1), (384, 1), (512, 16) "
          "and (384, 16), or (896, 1) and (896, 16)",
          shapes_of(outputs), input.width, input.height,
          told ? fmt::format(" of the kind {}", kFaceHeadNames.at(static_cast<std::size_t>(*told)))
               : "",
          rows, columns, rows, columns, rows, columns, 2 * cells, 2 * cells, 2 * cells, cells,
          cells, cells));
}

}  // namespace

std::optional<FaceHeadKind> face_head_named(std::string_view name) {
  const auto* const found = std::ranges::find(kFaceHeadNames, name);
  if (found == kFaceHeadNames.end()) return {};
  return static_cast<FaceHeadKind>(found - kFaceHeadNames.begin());
}

Result<FaceHead> find_face_head(std::span<const Output> outputs, media::Size input,
                                std::optional<FaceHeadKind> told) {
  for (const Functions& head : kHeads) {
    const auto found = head.find(outputs, input);
    if (found && (!told || found->kind == *told)) return *found;
  }
  return no_face_head(outputs, input, told);
}

void decode_faces(const FaceHead& head, std::span<const Output> outputs, media::Size input,
                  float threshold, Candidates& found) {
  functions_of(head.kind).decode(head, outputs, input, threshold, found);
}

FacePoints face_points_of(const FaceHead& head, std::span<const Output> outputs, media::Size input,
                          std::uint32_t source) {
  FacePoints points = functions_of(head.kind).points_of(head, outputs, input, source);
  for (FacePoint& point : points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) point = {};
  }
  return points;
}

}  // namespace npu::vision
