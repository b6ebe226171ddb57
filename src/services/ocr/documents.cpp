#include "services/ocr/documents.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

#include <fmt/format.h>

namespace npu::ocr {
namespace {

struct Pixels {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;

  int width() const { return right - left; }
  int height() const { return bottom - top; }
};

Pixels pixels_in(const Page& page, const vision::Quad& quad) {
  const media::Box box = pixels_of(quad, page.size);
  return {static_cast<int>(box.from.x), static_cast<int>(box.from.y), static_cast<int>(box.to.x),
          static_cast<int>(box.to.y)};
}

Pixels around(const std::optional<Pixels>& a, const Pixels& b) {
  if (!a) return b;
  return {std::min(a->left, b.left), std::min(a->top, b.top), std::max(a->right, b.right),
          std::max(a->bottom, b.bottom)};
}

Pixels bounds_of(const Page& page, const vision::ReadLine& line) {
  std::optional<Pixels> bounds;
  for (const std::size_t i : line) {
    bounds = around(bounds, pixels_in(page, page.regions[i].quad));
  }
  return bounds.value_or(Pixels());
}

Pixels bounds_of(const Page& page, const vision::ReadBlock& block) {
  std::optional<Pixels> bounds;
  for (const auto& line : block) bounds = around(bounds, bounds_of(page, line));
  return bounds.value_or(Pixels());
}

int percent(float confidence) {
  return static_cast<int>(std::lround(100 * std::clamp(confidence, 0.0F, 1.0F)));
}

// Calls visit(word, region) for the words of a line.
template <class Visit>
void for_each_word(const Page& page, const vision::ReadLine& line, Visit visit) {
  for (const std::size_t i : line) {
    for (const Word& word : page.regions[i].words) visit(word, page.regions[i]);
  }
}

// Text of XML; characters that it cannot have are left out.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char one : text) {
    switch (one) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default:
        if (static_cast<unsigned char>(one) >= 0x20) result += one;
    }
  }
  return result;
}

std::string bbox(const Pixels& box) {
  return fmt::format("bbox {} {} {} {}", box.left, box.top, box.right, box.bottom);
}

// A cell of the table has neither tabs nor line ends.
std::string cell(std::string_view text) {
  std::string result;
  std::ranges::copy_if(text, std::back_inserter(result),
                       [](char one) { return static_cast<unsigned char>(one) >= 0x20; });
  return result;
}

std::string place(const Pixels& box) {
  return fmt::format(R"(HPOS="{}" VPOS="{}" WIDTH="{}" HEIGHT="{}")", box.left, box.top,
                     box.width(), box.height());
}

}  // namespace

std::string hocr_text(const Page& page) {
  std::string out =
      R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
 <head>
  <title></title>
  <meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>
  <meta name="ocr-system" content="hailo-ocr"/>
  <meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word"/>
 </head>
 <body>
)";
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "  <div class='ocr_page' id='page_1' title='bbox 0 0 {} {}; ppageno 0'>\n",
                 page.size.width, page.size.height);
  int blocks = 0;
  int lines = 0;
  int words = 0;
  for (const auto& block : page.blocks) {
    const std::string where = bbox(bounds_of(page, block));
    fmt::format_to(to,
                   "   <div class='ocr_carea' id='block_1_{0}' title=\"{1}\">\n"
                   "    <p class='ocr_par' id='par_1_{0}' title=\"{1}\">\n",
                   ++blocks, where);
    for (const auto& line : block) {
      fmt::format_to(to, "     <span class='ocr_line' id='line_1_{}' title=\"{}\">\n", ++lines,
                     bbox(bounds_of(page, line)));
      for_each_word(page, line, [&](const Word& word, const Region& region) {
        fmt::format_to(
            to, "      <span class='ocrx_word' id='word_1_{}' title='{}; x_wconf {}'>{}</span>\n",
            ++words, bbox(pixels_in(page, word.quad)), percent(region.confidence),
            escaped(word.text));
      });
      out += "     </span>\n";
    }
    out += "    </p>\n   </div>\n";
  }
  out += "  </div>\n </body>\n</html>\n";
  return out;
}

std::string tsv_text(const Page& page) {
  std::string out =
      "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\t"
      "text\n";
  const auto row = [&](int level, int block, int line, int word, const Pixels& box, int confidence,
                       std::string_view text) {
    fmt::format_to(std::back_inserter(out), "{}\t1\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
                   level, block, level > 2 ? 1 : 0, line, word, box.left, box.top, box.width(),
                   box.height(), confidence, text);
  };
  row(1, 0, 0, 0, {0, 0, page.size.width, page.size.height}, -1, "");
  int blocks = 0;
  for (const auto& block : page.blocks) {
    const Pixels around_block = bounds_of(page, block);
    row(2, ++blocks, 0, 0, around_block, -1, "");
    row(3, blocks, 0, 0, around_block, -1, "");
    int lines = 0;
    for (const auto& line : block) {
      row(4, blocks, ++lines, 0, bounds_of(page, line), -1, "");
      int words = 0;
      for_each_word(page, line, [&](const Word& word, const Region& region) {
        row(5, blocks, lines, ++words, pixels_in(page, word.quad), percent(region.confidence),
            cell(word.text));
      });
    }
  }
  return out;
}

std::string alto_text(const Page& page) {
  std::string out =
      R"(<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/alto/v4/alto-4-0.xsd">
 <Description>
  <MeasurementUnit>pixel</MeasurementUnit>
  <OCRProcessing ID="OCR_0">
   <ocrProcessingStep>
    <processingSoftware>
     <softwareName>hailo-ocr</softwareName>
    </processingSoftware>
   </ocrProcessingStep>
  </OCRProcessing>
 </Description>
 <Layout>
)";
  const auto to = std::back_inserter(out);
  fmt::format_to(to,
                 "  <Page ID=\"page_0\" PHYSICAL_IMG_NR=\"1\" WIDTH=\"{0}\" HEIGHT=\"{1}\">\n"
                 "   <PrintSpace HPOS=\"0\" VPOS=\"0\" WIDTH=\"{0}\" HEIGHT=\"{1}\">\n",
                 page.size.width, page.size.height);
  int blocks = 0;
  int lines = 0;
  int words = 0;
  for (const auto& block : page.blocks) {
    fmt::format_to(to, "    <TextBlock ID=\"block_{}\" {}>\n", blocks++,
                   place(bounds_of(page, block)));
    for (const auto& line : block) {
      fmt::format_to(to, "     <TextLine ID=\"line_{}\" {}>\n", lines++,
                     place(bounds_of(page, line)));
      std::optional<Pixels> before;
      for_each_word(page, line, [&](const Word& word, const Region& region) {
        const Pixels box = pixels_in(page, word.quad);
        if (before) {
          fmt::format_to(to, "      <SP HPOS=\"{}\" VPOS=\"{}\" WIDTH=\"{}\"/>\n", before->right,
                         before->top, std::max(0, box.left - before->right));
        }
        fmt::format_to(to, "      <String ID=\"string_{}\" {} WC=\"{:.2f}\" CONTENT=\"{}\"/>\n",
                       words++, place(box), std::clamp(region.confidence, 0.0F, 1.0F),
                       escaped(word.text));
        before = box;
      });
      out += "     </TextLine>\n";
    }
    out += "    </TextBlock>\n";
  }
  out += "   </PrintSpace>\n  </Page>\n </Layout>\n</alto>\n";
  return out;
}

}  // namespace npu::ocr
