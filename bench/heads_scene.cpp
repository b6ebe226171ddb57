#include "heads_scene.hpp"

#include <cmath>
#include <random>
#include <utility>

#include "vision/anchors.hpp"

namespace npu::bench {
namespace {

constexpr int kThings = 12;
constexpr std::size_t kClasses = 80;
constexpr std::size_t kPointValues = 51;

class Dice {
 public:
  float between(float low, float high) {
    return std::uniform_real_distribution<float>(low, high)(random_);
  }
  std::vector<float> many(float low, float high, std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = between(low, high);
    return values;
  }

 private:
  std::mt19937 random_{1};
};

struct Sighting {
  vision::Anchor anchor;
  vision::Box box;
  std::size_t label;
  float score;
};

// Things that nine cells each see a little differently.
std::vector<Sighting> sightings(Dice& dice) {
  std::vector<Sighting> all;
  for (int thing = 0; thing < kThings; ++thing) {
    const auto level = static_cast<std::size_t>(thing % 3);
    const auto stride = static_cast<float>(vision::kStrides[level]);
    const auto columns = static_cast<std::size_t>(kSceneInput.width / vision::kStrides[level]);
    const float cells = static_cast<float>(columns) - 4;
    const auto column = static_cast<std::size_t>(2 + dice.between(0, cells));
    const auto row = static_cast<std::size_t>(2 + dice.between(0, cells));
    const float x = (static_cast<float>(column) + 0.5F) * stride;
    const float y = (static_cast<float>(row) + 0.5F) * stride;
    const float side = dice.between(4, 10) * stride;
    const auto label = static_cast<std::size_t>(dice.between(0, kClasses - 1));
    for (std::size_t i = 0; i < 9; ++i) {
      const std::size_t cell = (row + i / 3 - 1) * columns + column + i % 3 - 1;
      const float shift = dice.between(-0.2F, 0.2F) * stride;
      all.push_back({vision::anchor_in(level, cell, kSceneInput),
                     {x - side / 2 + shift, y - side / 2, x + side / 2 + shift, y + side / 2},
                     label,
                     dice.between(0.45F, 0.95F)});
    }
  }
  return all;
}

// Two neighbours whose softmax has the distance as its expected value.
void put_edge(float distance, float* bins) {
  const auto low = static_cast<std::size_t>(std::min(distance, 14.F));
  const float share = distance - static_cast<float>(low);
  bins[low] = 20 + std::log(1 - share);
  bins[low + 1] = 20 + std::log(share);
}

void put_box(const Sighting& seen, float* bins) {
  const vision::Anchor& at = seen.anchor;
  const float edges[] = {at.x() - seen.box.left, at.y() - seen.box.top, seen.box.right - at.x(),
                         seen.box.bottom - at.y()};
  for (std::size_t i = 0; i < 4; ++i) {
    put_edge(std::max(edges[i] / at.stride, 0.01F), bins + i * vision::kBinsOfEdge);
  }
}

float logit(float share) { return std::log(share / (1 - share)); }

}  // namespace

std::vector<vision::Output> HeadsScene::outputs() const {
  std::vector<vision::Output> all;
  all.reserve(tensors.size());
  for (const SceneTensor& tensor : tensors) all.push_back({tensor.shape, tensor.data});
  return all;
}

HeadsScene raw_scene(bool pose) {
  Dice dice;
  const std::size_t classes = pose ? 1 : kClasses;
  const std::size_t of_level = pose ? 3 : 2;
  HeadsScene scene{pose ? "pose" : "dfl", {}};
  for (std::size_t level = 0; level < vision::kStrides.size(); ++level) {
    const std::int64_t side = kSceneInput.width / vision::kStrides[level];
    const std::size_t cells = vision::cells_in(level, kSceneInput);
    const auto add = [&](std::size_t channels, float low, float high) {
      scene.tensors.push_back({{side, side, static_cast<std::int64_t>(channels)},
                               dice.many(low, high, cells * channels)});
    };
    add(std::size_t{vision::kBoxBins}, -4, 4);
    add(classes, -12, -5);
    if (pose) add(kPointValues, -2, 2);
  }
  for (const Sighting& seen : sightings(dice)) {
    const std::size_t first = seen.anchor.level * of_level;
    const std::size_t cell = seen.anchor.cell;
    put_box(seen, scene.tensors[first].data.data() + cell * std::size_t{vision::kBoxBins});
    scene.tensors[first + 1].data[cell * classes + (pose ? 0 : seen.label)] = logit(seen.score);
  }
  return scene;
}

HeadsScene decoded_scene() {
  Dice dice;
  const auto n = static_cast<std::size_t>(vision::anchors_of(kSceneInput));
  std::vector<float> planes = dice.many(5, 635, 4 * n);
  const auto scores = dice.many(0, 0.05F, kClasses * n);
  planes.insert(planes.end(), scores.begin(), scores.end());
  for (const Sighting& seen : sightings(dice)) {
    const std::size_t at =
        vision::first_anchor_of(seen.anchor.level, kSceneInput) + seen.anchor.cell;
    const vision::Box& box = seen.box;
    planes[at] = (box.left + box.right) / 2;
    planes[n + at] = (box.top + box.bottom) / 2;
    planes[2 * n + at] = box.right - box.left;
    planes[3 * n + at] = box.bottom - box.top;
    planes[(4 + seen.label) * n + at] = seen.score;
  }
  HeadsScene scene{"decoded", {}};
  scene.tensors.push_back({{4 + kClasses, static_cast<std::int64_t>(n)}, std::move(planes)});
  return scene;
}

}  // namespace npu::bench
