def enable_custom_widget_manager():
    """Colab then loads widgets of others; nothing to do here."""
