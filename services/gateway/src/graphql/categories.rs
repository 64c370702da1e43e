//! The names of the catalog's twelve categories in both languages. Events name a category by its slug only.

use super::scalars::Language;

/// Slug, English, Chinese.
const NAMES: &[(&str, &str, &str)] = &[
    ("speech", "Speech", "语音技术"),
    ("ocr", "OCR / Text Recognition", "文字识别"),
    ("image", "Image Recognition & Processing", "图像技术"),
    ("face-body", "Face & Body", "人脸与人体识别"),
    ("video", "Video", "视频技术"),
    ("ar-vr", "AR / VR", "增强现实与虚拟现实"),
    ("nlp", "Natural Language Processing", "自然语言处理"),
    ("knowledge", "Knowledge Graph", "知识图谱"),
    ("data-intelligence", "Data Intelligence", "数据智能"),
    ("translation", "Machine Translation", "机器翻译"),
    ("recommendation", "Recommendation & Search", "推荐与搜索"),
    ("robotics-edge", "Robotics & Edge", "机器人与边缘智能"),
];

/// The name of a category; its slug where it is none of the twelve.
pub fn name(slug: &str, language: Language) -> String {
    let found = NAMES.iter().find(|(known, _, _)| *known == slug);
    let name = found.map_or(slug, |(_, en, zh)| match language {
        Language::En => en,
        Language::Zh => zh,
    });
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_has_a_name_in_both_languages() {
        assert_eq!(name("nlp", Language::Zh), "自然语言处理");
        assert_eq!(name("nlp", Language::En), "Natural Language Processing");
        assert_eq!(name("unknown", Language::En), "unknown");
    }
}
