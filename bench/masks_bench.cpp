// What do masks cost between the network's outputs and COCO's runs? src/vision against the same
// written plainly with numpy (masks_rival.py), on the same outputs, in the same run; both must find
// the same.
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "child.hpp"
#include "rival.hpp"
#include "run.hpp"
#include "samples.hpp"
#include "vision/segment_head.hpp"
#include "vision/suppress.hpp"

namespace npu::bench {
namespace {

constexpr media::Size kInput{640, 640};
constexpr int kClasses = 80;
constexpr int kPrototypes = 32;
constexpr std::size_t kAnchors = 8400;
constexpr int kObjects = 12;
constexpr float kThreshold = 0.4F;
constexpr double kGoal = 5;

// YOLO11-seg as ONNX files have it: (4 + classes + m, N) and (m, 160, 160), of a scene with a dozen
// things, each seen by nine anchors.
struct Scene {
  std::vector<std::int64_t> shape{4 + kClasses + kPrototypes, std::int64_t{kAnchors}};
  std::vector<float> rows = std::vector<float>((4 + kClasses + kPrototypes) * kAnchors);
  std::vector<std::int64_t> planes_shape{kPrototypes, 160, 160};
  std::vector<float> planes = std::vector<float>(std::size_t{kPrototypes} * 160 * 160);
};

Scene make_scene() {
  Scene scene;
  std::uint32_t noise = 1;
  const auto share = [&] {
    noise = noise * 1664525U + 1013904223U;
    return static_cast<float>(noise >> 8) / 16777216.F;
  };
  // Waves, and one plane that is inside everywhere.
  for (int k = 0; k < kPrototypes; ++k) {
    const float across = share() / 8;
    const float down = share() / 8;
    for (std::size_t i = 0; i < std::size_t{160} * 160; ++i) {
      const std::size_t row = i / 160;
      const auto x = static_cast<float>(i % 160);
      const auto y = static_cast<float>(row);
      scene.planes[static_cast<std::size_t>(k) * 160 * 160 + i] =
          k == 0 ? 1 : std::sin(across * x + down * y);
    }
  }
  for (float& value : scene.rows) value = share() * 0.05F;
  for (int object = 0; object < kObjects; ++object) {
    const float box[4] = {60 + 520 * share(), 60 + 520 * share(), 60 + 180 * share(),
                          60 + 180 * share()};
    float coefficients[kPrototypes] = {1};
    for (int k = 1; k < kPrototypes; ++k) coefficients[k] = share() - 0.5F;
    for (std::size_t seen = 0; seen < 9; ++seen) {
      const std::size_t at = 100 + static_cast<std::size_t>(object) * 600 + seen;
      for (std::size_t i = 0; i < 4; ++i) scene.rows[i * kAnchors + at] = box[i] + share();
      scene.rows[static_cast<std::size_t>(4 + object) * kAnchors + at] = 0.5F + 0.4F * share();
      for (std::size_t k = 0; k < kPrototypes; ++k) {
        scene.rows[(4 + kClasses + k) * kAnchors + at] = coefficients[k];
      }
    }
  }
  return scene;
}

std::vector<vision::Rle> masks_in(const Scene& scene, const vision::PictureInInput& where) {
  const std::vector<vision::Output> floats{{scene.shape, scene.rows},
                                           {scene.planes_shape, scene.planes}};
  const vision::SegmentOutputs outputs{.floats = floats};
  const auto head = vision::find_segment_head(outputs, kInput);
  if (!head) give_up(head.error().message);
  vision::Segments segments(*head, outputs, kInput);
  vision::Candidates candidates(vision::kMaxCandidates);
  segments.decode(kThreshold, candidates);
  std::vector<vision::Rle> masks;
  for (const auto& one : vision::suppress(std::move(candidates), {})) {
    masks.push_back(pixels_inside(segments.field(one), one.box, where));
  }
  return masks;
}

struct Subject {
  media::Size picture;
  Samples samples = {};
  std::vector<vision::Rle> masks = {};

  // Letterboxed into the input.
  vision::PictureInInput where() const {
    const float scale = 640.F / static_cast<float>(picture.width);
    const float high = static_cast<float>(picture.height) * scale;
    return {picture, 0, (640 - high) / 2, scale, scale};
  }
  void measure(const Scene& scene, int rounds) {
    for (int i = 0; i < rounds; ++i) {
      samples.add(time_of([&] { masks = masks_in(scene, where()); }));
    }
  }
};

// theirs: pixels inside of each mask.
bool same(const std::vector<vision::Rle>& ours, const boost::json::array& theirs) {
  if (ours.empty() || ours.size() != theirs.size()) return false;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const double area = vision::area_of(ours[i]);
    if (std::abs(area - theirs[i].to_number<double>()) > 0.002 * area) return false;
  }
  return true;
}

int run(Run run) {
  const int rounds = run.pick(60, 2);
  const Scene scene = make_scene();
  const Scratch scratch;
  write_floats(scratch.path() / "rows.f32", scene.rows);
  write_floats(scratch.path() / "planes.f32", scene.planes);
  Subject subjects[] = {{{1280, 720}}, {{4000, 3000}}};
  for (Subject& subject : subjects) subject.measure(scene, rounds / 2);
  std::vector<std::string> arguments{scratch.path().string(), std::to_string(run.pick(10, 1))};
  for (const Subject& subject : subjects) {
    arguments.push_back(fmt::format("{}x{}", subject.picture.width, subject.picture.height));
  }
  const auto rival = run_rival("masks_rival.py", arguments);
  if (rival.size() != std::size(subjects)) give_up("masks_rival.py has not answered all pictures");
  for (Subject& subject : subjects) subject.measure(scene, rounds / 2);

  fmt::print("{:<24} {:>10} {:>10} {:>9}\n", "12 masks of a picture", "numpy ms", "ours ms", "x");
  double least = 1e9;
  bool agree = true;
  for (std::size_t i = 0; i < rival.size(); ++i) {
    const Subject& subject = subjects[i];
    const double theirs = rival[i].at("ms").to_number<double>();
    const double ratio = theirs / subject.samples.median();
    fmt::print("{:<24} {:>10.2f} {:>10.2f} {:>9.1f}\n",
               fmt::format("{} x {}", subject.picture.width, subject.picture.height), theirs,
               subject.samples.median(), ratio);
    least = std::min(least, ratio);
    agree = agree && same(subject.masks, rival[i].at("areas").as_array());
  }
  run.goal("the same is inside", agree);
  if (!agree) return 1;  // however few rounds
  run.goal("at least 5 times as fast as numpy", least >= kGoal);
  return run.exit_code();
}

}  // namespace
}  // namespace npu::bench

int main(int argc, char** argv) { return npu::bench::run({argc, argv}); }
