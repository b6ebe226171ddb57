#include <algorithm>
#include <cstring>

#include "outputs.hpp"

namespace hailo_fake {
namespace sim = npu::device::sim;

namespace {

constexpr int kGarbage = 0xCD;

class Writer {
 public:
  explicit Writer(std::span<std::uint8_t> out) : out_(out) {}

  template <class T>
  void put(const T& value) {
    std::memcpy(out_.data() + at_, &value, sizeof(T));
    at_ += sizeof(T);
  }
  void ones(std::size_t count) {
    std::memset(out_.data() + at_, 1, count);
    at_ += count;
  }
  std::size_t at() const { return at_; }

 private:
  std::span<std::uint8_t> out_;
  std::size_t at_ = 0;
};

std::vector<sim::Box> reported(const OutputPlan& plan) {
  auto boxes = plan.stream.boxes->report;
  std::erase_if(boxes, [&](const auto& box) { return box.score < plan.score_threshold; });
  return boxes;
}

void by_class(const OutputPlan& plan, Writer out) {
  const auto boxes = reported(plan);
  const auto& limits = plan.stream.nms_shape;
  for (std::uint32_t label = 0; label < limits.number_of_classes; ++label) {
    std::vector<sim::Box> mine;
    for (const auto& box : boxes) {
      if (box.label == static_cast<int>(label) && mine.size() < limits.max_bboxes_per_class) {
        mine.push_back(box);
      }
    }
    out.put(static_cast<float>(mine.size()));
    for (const auto& box : mine) {
      out.put(hailo_bbox_float32_t{box.y_min, box.x_min, box.y_max, box.x_max, box.score});
    }
  }
}

void by_score(const OutputPlan& plan, Writer out) {
  const auto boxes = reported(plan);
  const auto count = std::min<std::size_t>(boxes.size(), plan.stream.nms_shape.max_bboxes_total);
  out.put(static_cast<std::uint16_t>(count));
  for (const auto& box : std::span(boxes).first(count)) {
    out.put(hailo_detection_t{box.y_min, box.x_min, box.y_max, box.x_max, box.score,
                              static_cast<std::uint16_t>(box.label)});
  }
}

void with_masks(const OutputPlan& plan, Writer out) {
  auto boxes = reported(plan);
  const auto& limits = plan.stream.nms_shape;
  boxes.resize(std::min<std::size_t>(boxes.size(), limits.max_bboxes_total));
  std::size_t masks = 0;
  std::erase_if(boxes, [&](const auto& box) {
    masks += mask_size(*plan.stream.boxes, box);
    return masks > limits.max_accumulated_mask_size;
  });
  out.put(static_cast<std::uint16_t>(boxes.size()));
  for (const auto& box : boxes) {
    hailo_detection_with_byte_mask_t detection{};
    detection.box = {box.y_min, box.x_min, box.y_max, box.x_max};
    detection.score = box.score;
    detection.class_id = static_cast<std::uint16_t>(box.label);
    detection.mask_size = mask_size(*plan.stream.boxes, box);
    detection.mask_offset = out.at() + sizeof(detection);
    out.put(detection);
    out.ones(detection.mask_size);
  }
}

}  // namespace

void render_boxes(const OutputPlan& plan, std::span<std::uint8_t> out) {
  std::memset(out.data(), kGarbage, out.size());
  switch (plan.format.order) {
    case HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE: return by_score(plan, Writer(out));
    case HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK: return with_masks(plan, Writer(out));
    default: return by_class(plan, Writer(out));
  }
}

}  // namespace hailo_fake
